// MeshAgent's own client, as Node can load it: the one file that names its package for more than types.
//
// Its ES module build (0.39.9) is CommonJS that calls itself `"type": "module"`: an `import` of it fails with "exports is
// not defined". Its CommonJS build works, so that is the one loaded here.

import { createRequire } from 'node:module';
import type * as Sdk from '@meshagent/meshagent';

const require = createRequire(import.meta.url);

/** `require` is untyped: the package's own declarations say what it gives. */
export const sdk: typeof Sdk = require('@meshagent/meshagent');
