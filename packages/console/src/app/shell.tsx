// The frame around every page: where one is, which tenant, search, whether it is live, theme, who is signed in.

import { Outlet, useNavigate, useRouter } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { LiveProvider, useLiveState } from '../data/live.tsx';
import { paths } from '../data/paths.ts';
import { ConsoleProvider, useConsole } from '../data/surroundings.tsx';
import type { Foundation } from '../data/surroundings.tsx';
import { signOut } from '../data/viewer.ts';
import type { Viewer } from '../data/viewer.ts';
import { Button, IconButton } from '../design/button.tsx';
import { classNames } from '../design/class-names.ts';
import { inertText } from '../design/inert-text.ts';
import { Menu } from '../design/menu.tsx';
import { toastBad } from '../design/toasts.tsx';
import { Help } from './help.tsx';
import { useKeyboard } from './keyboard.ts';
import { Navigation } from './navigation.tsx';
import { usePortalTheme } from './portal-theme.ts';
import { GlobalSearch } from './global-search.tsx';
import styles from './shell.module.css';
import { TenantPicker } from './tenant-picker.tsx';
import { chooseTheme, useTheme } from './theme.ts';

export function Shell({ foundation, viewer }: { readonly foundation: Foundation; readonly viewer: Viewer }): ReactNode {
  return (
    <ConsoleProvider foundation={foundation} viewer={viewer}>
      <LiveProvider>
        <Frame />
      </LiveProvider>
    </ConsoleProvider>
  );
}

function Frame(): ReactNode {
  const { mode, canChooseTenant, tenant } = useConsole();
  const [helpOpen, setHelpOpen] = useState(false);
  const [menuOpen, setMenuOpen] = useState(false);
  const theme = usePortalTheme();
  const inPortal = mode.kind === 'portal';
  useEffect(() => {
    if (!menuOpen) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') setMenuOpen(false);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [menuOpen]);
  useKeyboard({ onHelp: () => setHelpOpen(true) });
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        Skip to the content
      </a>
      <aside className={classNames(styles.side, menuOpen && styles.sideOpen)}>
        <div className={styles.brand}>
          <Brand name={theme?.name ?? null} logoUrl={theme?.logoUrl ?? null} />
        </div>
        <Navigation onGo={() => setMenuOpen(false)} />
        <div className={styles.sideFoot}>
          <LiveMark />
        </div>
      </aside>
      {menuOpen && <div className={styles.sideVeil} onClick={() => setMenuOpen(false)} aria-hidden="true" />}
      <header className={styles.top}>
        <span className={styles.burger}>
          <IconButton icon="menu" label="Menu" onPress={() => setMenuOpen((open) => !open)} />
        </span>
        {canChooseTenant ? <TenantPicker /> : !inPortal && <span className={styles.tenant}>{tenant}</span>}
        <span className={styles.grow} />
        <GlobalSearch />
        <span className={styles.wideOnly}>
          <IconButton icon="help" label="Keys (?)" onPress={() => setHelpOpen(true)} />
        </span>
        <ThemeMenu />
        {!inPortal && <AccountMenu />}
      </header>
      <main id="content" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Help isOpen={helpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}

function Brand({ name, logoUrl }: { readonly name: string | null; readonly logoUrl: string | null }): ReactNode {
  return (
    <>
      <img
        src={logoUrl ?? '/waxwing.svg'}
        alt=""
        height={26}
        width={logoUrl === null ? 26 : undefined}
        className={styles.logo}
        referrerPolicy="no-referrer"
      />
      <span className={styles.name}>{inertText(name ?? 'Waxwing')}</span>
    </>
  );
}

function LiveMark(): ReactNode {
  const state = useLiveState();
  const words = { connecting: 'Connecting', live: 'Live', cut: 'Reconnecting' }[state];
  return (
    <span className={classNames(styles.live, styles[state])} role="status">
      <span className={styles.liveDot} aria-hidden="true" />
      {words}
    </span>
  );
}

function ThemeMenu(): ReactNode {
  const theme = useTheme();
  const icon = { light: 'sun', dark: 'moon', auto: 'screen' } as const;
  return (
    <Menu
      label="Theme"
      trigger={<IconButton icon={icon[theme]} label="Theme" />}
      entries={[
        { id: 'light', label: 'Light', icon: 'sun', onAction: () => chooseTheme('light') },
        { id: 'dark', label: 'Dark', icon: 'moon', onAction: () => chooseTheme('dark') },
        { id: 'auto', label: 'As the system', icon: 'screen', onAction: () => chooseTheme('auto') },
      ]}
    />
  );
}

function AccountMenu(): ReactNode {
  const { viewer } = useConsole();
  const queries = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  const keyName = inertText(viewer.keyName);
  async function leave(): Promise<void> {
    try {
      await signOut();
      queries.clear();
      await navigate({ to: paths.signIn });
      await router.invalidate();
    } catch (error) {
      toastBad(error);
    }
  }
  return (
    <Menu
      label="Account"
      trigger={
        <Button kind="quiet" icon="person" aria-label={`Account ${keyName}`}>
          <span className={styles.keyName}>{keyName}</span>
        </Button>
      }
      heading={
        <>
          Signed in with <b>{keyName}</b> ({viewer.tenant ?? viewer.scope}) · Waxwing {viewer.version}
        </>
      }
      entries={[{ id: 'out', label: 'Sign out', icon: 'leave', onAction: () => void leave() }]}
    />
  );
}
