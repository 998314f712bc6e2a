// A link to a tenant's own view of this console: for how long, what it may do, how it looks, who may frame it.

import { useMutation } from '@tanstack/react-query';
import type { PortalLink, PortalLinkInput, PortalTheme, TenantAction } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTenants } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { Button } from '../../design/button.tsx';
import { CodeBlock } from '../../design/code-block.tsx';
import { Checkbox, TextField } from '../../design/field.tsx';
import { Columns, Panel } from '../../design/page.tsx';
import { ComboBox, Select } from '../../design/select.tsx';
import { Empty } from '../../design/states.tsx';
import { Segments } from '../../design/tabs.tsx';
import { Time } from '../../design/time.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { OneLine } from '../../parts/secret-shown.tsx';
import styles from './keys.module.css';

const EXPIRIES = [
  { id: '900', label: '15 minutes' },
  { id: '3600', label: '1 hour' },
  { id: '28800', label: '8 hours' },
  { id: '86400', label: '24 hours' },
];
const ACTIONS: readonly { readonly id: TenantAction; readonly label: string }[] = [
  { id: 'read', label: 'look' },
  { id: 'manage', label: 'manage endpoints, retry and replay' },
  { id: 'publish', label: 'publish events' },
];
const MODES = [
  { id: 'auto', label: 'As the system' },
  { id: 'light', label: 'Light' },
  { id: 'dark', label: 'Dark' },
] as const;
const COLOR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

export function PortalLinkForm(): ReactNode {
  const { of, tenant: chosen } = useConsole();
  const { rows: tenants } = useTenants();
  const [picked, setPicked] = useState<string | null>(null);
  const [expires, setExpires] = useState('3600');
  const [actions, setActions] = useState<readonly TenantAction[]>(['read', 'manage']);
  const [look, setLook] = useState<{
    readonly name: string;
    readonly logoUrl: string;
    readonly color: string;
    readonly mode: 'auto' | 'light' | 'dark';
  }>({ name: '', logoUrl: '', color: '', mode: 'auto' });
  const [origins, setOrigins] = useState('');
  const tenant = picked ?? chosen;
  const badColor = look.color !== '' && !COLOR.test(look.color);
  const make = useMutation({
    mutationFn: (by: { readonly tenant: string; readonly input: PortalLinkInput }) => of(by.tenant).createPortalLink(by.input),
  });
  const submit = (): void => {
    if (tenant === null) return;
    const theme: PortalTheme = {
      mode: look.mode,
      ...(look.name === '' ? {} : { name: look.name }),
      ...(look.logoUrl === '' ? {} : { logoUrl: look.logoUrl }),
      ...(look.color === '' ? {} : { color: look.color }),
    };
    const allowed = origins.split(/[\s,]+/).filter(Boolean);
    make.mutate({
      tenant,
      input: { expiresInSeconds: Number(expires), actions, theme, ...(allowed.length === 0 ? {} : { origins: allowed }) },
    });
  };
  return (
    <Columns>
      <Panel title="A link to a tenant’s portal">
        <ComboBox
          label="Tenant"
          isRequired
          placeholder="Whose portal?"
          options={tenants.map(({ id, name }) => ({ id, label: id, ...(name === id ? {} : { detail: name }) }))}
          value={tenant}
          onChange={setPicked}
        />
        <Select label="Good for" options={EXPIRIES} value={expires} onChange={setExpires} />
        <div role="group" aria-label="May" className={styles.actions}>
          {ACTIONS.map(({ id, label }) => (
            <Checkbox
              key={id}
              label={label}
              isSelected={actions.includes(id)}
              onChange={(on) => setActions(on ? [...actions, id] : actions.filter((one) => one !== id))}
            />
          ))}
        </div>
        <TextField
          label="Name"
          placeholder="In place of Waxwing"
          value={look.name}
          onChange={(name) => setLook({ ...look, name })}
          maxLength={100}
        />
        <TextField
          label="Logo"
          kind="url"
          mono
          placeholder="https://example.com/logo.svg"
          value={look.logoUrl}
          onChange={(logoUrl) => setLook({ ...look, logoUrl })}
        />
        <div className={styles.color}>
          <TextField
            label="Colour"
            mono
            placeholder="#0a7d5a"
            value={look.color}
            onChange={(color) => setLook({ ...look, color })}
            error={badColor ? 'Write it as #rgb or #rrggbb.' : null}
          />
          <span
            className={styles.swatch}
            style={{ background: badColor || look.color === '' ? 'var(--accent-fill)' : look.color }}
            aria-hidden="true"
          />
        </div>
        <div>
          <Segments label="Light or dark" options={MODES} value={look.mode} onChange={(mode) => setLook({ ...look, mode })} />
        </div>
        <TextField
          label="Origins that may frame it"
          mono
          rows={2}
          placeholder="https://app.example.com"
          value={origins}
          onChange={setOrigins}
          help="One a line. Nobody may when empty: it is then a page of its own."
        />
        <Refusal error={make.error} />
        <div>
          <Button
            kind="primary"
            icon="link"
            isPending={make.isPending}
            isDisabled={tenant === null || actions.length === 0 || badColor}
            onPress={submit}
          >
            Make the link
          </Button>
        </div>
      </Panel>
      <Panel title="The link">
        {make.data === undefined ? (
          <Empty icon="link" title="No link yet">
            It opens this tenant’s endpoints, events and deliveries, and nothing of any other. The token stands behind #, where no server
            sees it.
          </Empty>
        ) : (
          <Made link={make.data} framed={origins.trim() !== ''} />
        )}
      </Panel>
    </Columns>
  );
}

function Made({ link, framed }: { readonly link: PortalLink; readonly framed: boolean }): ReactNode {
  return (
    <>
      <p>
        Good until <Time at={link.expiresAt} show="absolute" />, and shown <strong>once</strong>. Whoever has it may do what it allows.
      </p>
      <OneLine label="Link" text={link.url} />
      <p>
        <a href={link.url} target="_blank" rel="noreferrer">
          Open it in a new tab
        </a>
      </p>
      {framed && (
        <CodeBlock
          label="Frame"
          text={`<iframe src="${link.url}" title="Webhooks" width="100%" height="800" allow="clipboard-write"></iframe>`}
        />
      )}
      <p className={styles.faint}>
        Revoking the key <code>{link.id}</code> ends it sooner. Programs make links by POST /v1/tenants/…/portal-links.
      </p>
    </>
  );
}
