// Sends a sample to an endpoint, and shows what came of it: the one attempt, in full.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Endpoint } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useConsole } from '../../data/surroundings.tsx';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { ComboBox } from '../../design/select.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { useCatalogue } from '../../parts/tenant-catalogue.ts';
import { TestResult } from '../../parts/test-result.tsx';

export function TestDialog({ endpoint, onClose }: { readonly endpoint: Endpoint; readonly onClose: () => void }): ReactNode {
  const { of } = useConsole();
  const queries = useQueryClient();
  const catalogue = useCatalogue(endpoint);
  const [chosen, setChosen] = useState<string | null>(null);
  const type = chosen ?? catalogue[0]?.name ?? null;
  const send = useMutation({
    mutationFn: (eventType: string) => of(endpoint.tenant).endpoints.test(endpoint.id, { eventType }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['endpoint', endpoint.tenant, endpoint.id] }),
  });
  return (
    <Dialog
      title="Send a test"
      isOpen
      wide
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Close</Button>
          <Button
            kind="primary"
            icon="send"
            isPending={send.isPending}
            isDisabled={type === null}
            onPress={() => type !== null && send.mutate(type)}
          >
            {send.isIdle ? 'Send' : 'Send again'}
          </Button>
        </>
      }
    >
      <ComboBox
        label="Event type"
        options={catalogue.map(({ name, description }) => ({ id: name, label: name, detail: description.slice(0, 60) }))}
        value={type}
        onChange={setChosen}
        allowsOther
        help="Its sample is signed and sent at once: one attempt, whatever the endpoint subscribed to, also while it is paused."
      />
      <Refusal error={send.error} />
      <TestResult delivery={send.data} isSending={send.isPending} />
    </Dialog>
  );
}
