// What stands in place of a page: while it loads, when there is none, when it broke.

import type { ErrorComponentProps } from '@tanstack/react-router';
import { useRouter } from '@tanstack/react-router';
import { WaxwingApiError } from '@waxwing/client';
import type { ReactNode } from 'react';
import { LinkButton } from '../design/button.tsx';
import { Page } from '../design/page.tsx';
import { Empty, Failure, Loading } from '../design/states.tsx';
import { paths } from '../data/paths.ts';

export function Waiting(): ReactNode {
  return (
    <Page title="Loading" name="Waxwing">
      <Loading lines={8} />
    </Page>
  );
}

export function NotFound(): ReactNode {
  return (
    <Page title="Nothing here">
      <Empty title="There is no such page" action={<LinkButton to={paths.overview}>To the overview</LinkButton>}>
        The address leads nowhere. Any id can be found with the search box.
      </Empty>
    </Page>
  );
}

/** What a page threw: the server's own words where it was the server. */
export function Crash({ error, reset }: ErrorComponentProps): ReactNode {
  const router = useRouter();
  const retry = (): void => {
    reset();
    void router.invalidate();
  };
  const closed = error instanceof WaxwingApiError && error.status === 401;
  return (
    <Page title={closed ? 'This link is not good' : 'This page broke'}>
      {closed ? (
        <Empty icon="keys" title="The link has expired, or was not copied whole">
          Ask for a new one where you found it.
        </Empty>
      ) : (
        <Failure error={error} onRetry={retry} />
      )}
    </Page>
  );
}

/** The same where not even the shell stands: the server cannot be reached, or a portal's link is not good. */
export function BareCrash(props: ErrorComponentProps): ReactNode {
  return (
    <main>
      <Crash {...props} />
    </main>
  );
}
