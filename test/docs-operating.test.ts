// What operators read (deploying, operating, reliability), typed and run as it stands.

import { operatingPages, pagesHold } from './docs/claims.ts';

pagesHold(operatingPages);
