// Retrying a delivery by hand. A pending one becomes due now; of a final one a new delivery is made, and that is where one goes.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { DeliverySummary } from '@waxwing/protocol';
import { paths } from '../data/paths.ts';
import { useConsole } from '../data/surroundings.tsx';
import { toastBad, toastGood } from '../design/toasts.tsx';

export interface Retrying {
  readonly retry: (delivery: Pick<DeliverySummary, 'tenant' | 'id'>) => void;
  readonly isRetrying: boolean;
}

/** @param follows go to the new delivery, where one was made */
export function useRetry({ follows = false }: { readonly follows?: boolean } = {}): Retrying {
  const { of } = useConsole();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { mutate, isPending } = useMutation({
    mutationFn: ({ tenant, id }: Pick<DeliverySummary, 'tenant' | 'id'>) => of(tenant).deliveries.retry(id),
    onSuccess: (retried, { tenant, id }) => {
      const isNew = retried.id !== id;
      toastGood(isNew ? 'It is delivered again, as a new delivery.' : 'The next attempt is due now.');
      void queries.invalidateQueries({ queryKey: ['delivery', tenant, id] });
      void queries.invalidateQueries({ queryKey: ['event', tenant, retried.event] });
      if (isNew && follows) void navigate({ to: paths.delivery(tenant, retried.id) });
    },
    onError: toastBad,
  });
  return {
    retry: (delivery) => {
      if (!isPending) mutate(delivery);
    },
    isRetrying: isPending,
  };
}
