// The built-in profiles. Adding a platform adds its file, its vectors and one line here.

import type { Profile } from '../profile.ts';
import { compileProfile } from './compile.ts';
import { humanconnection } from './humanconnection.ts';
import { joai } from './joai.ts';
import { meetloyd } from './meetloyd.ts';
import { meshagentCompletion } from './meshagent-call.ts';
import { meshagent } from './meshagent.ts';
import { standard } from './standard.ts';

/** Every built-in profile by its name, `standard` first. */
export const BUILT_IN_PROFILES: ReadonlyMap<string, Profile> = new Map(
  [
    compileProfile(standard),
    compileProfile(meetloyd),
    compileProfile(joai),
    compileProfile(humanconnection),
    compileProfile(meshagent, meshagentCompletion),
  ].map((profile) => [profile.definition.name, profile]),
);
