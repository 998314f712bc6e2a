// Every scheme that is known by name. Whoever wants one alone imports its own export and `createVerifier`.

import type { Scheme } from '../scheme.ts';
import { humanconnection, joai, meetloyd, meshagent, standard } from './profiles.ts';

export type SchemeName = 'standard' | 'meetloyd' | 'joai' | 'humanconnection' | 'meshagent';

export const SCHEMES: Readonly<Record<SchemeName, Scheme>> = { standard, meetloyd, joai, humanconnection, meshagent };
