// What can be done about a delivery: retry (`r`), cancel, pass the link on. What was delivered is delivered again only
// after a question, since its receiver will see the event twice.

import { useQueryClient } from '@tanstack/react-query';
import type { DeliveryDetail } from '@waxwing/protocol';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useRetryKey } from '../../data/retry-key.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { Button } from '../../design/button.tsx';
import { Confirm } from '../../design/dialog.tsx';
import { useRetry } from '../../parts/retry.ts';
import { ShareButton } from '../../parts/share-button.tsx';

type Question = 'again' | 'cancel' | null;

export function DeliveryActions({ delivery }: { readonly delivery: DeliveryDetail }): ReactNode {
  const { may, of } = useConsole();
  const queries = useQueryClient();
  const { retry, isRetrying } = useRetry({ follows: true });
  const [question, ask] = useState<Question>(null);
  const { tenant, id, state } = delivery;
  const mayManage = may('manage');
  const act = (): void => {
    if (state === 'delivered') ask('again');
    else retry(delivery);
  };
  useRetryKey(mayManage ? act : null);
  return (
    <>
      <ShareButton />
      {mayManage && state === 'pending' && (
        <Button kind="danger" onPress={() => ask('cancel')}>
          Cancel
        </Button>
      )}
      {mayManage && (
        <Button kind={state === 'failed' || state === 'pending' ? 'primary' : 'plain'} icon="replays" isPending={isRetrying} onPress={act}>
          {RETRY_WORDS[state]}
        </Button>
      )}
      <Confirm
        title="Deliver it again?"
        isOpen={question === 'again'}
        onClose={() => ask(null)}
        verb="Deliver again"
        onConfirm={async () => retry(delivery)}
      >
        It was delivered. The receiver will get the same event once more, with the same id.
      </Confirm>
      <Confirm
        title="Cancel this delivery?"
        isOpen={question === 'cancel'}
        onClose={() => ask(null)}
        verb="Cancel the delivery"
        danger
        onConfirm={async () => {
          await of(tenant).deliveries.cancel(id);
          await queries.invalidateQueries({ queryKey: ['delivery', tenant, id] });
        }}
      >
        No further attempt is made. It can be delivered later all the same, by retrying it.
      </Confirm>
    </>
  );
}

const RETRY_WORDS: { readonly [S in DeliveryDetail['state']]: string } = {
  pending: 'Retry now',
  failed: 'Retry',
  delivered: 'Deliver again',
  cancelled: 'Deliver now',
  skipped: 'Deliver now',
};
