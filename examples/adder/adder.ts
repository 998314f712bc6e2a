// An agent that adds two numbers. Rooms find it as `samples.adder`.

import { defineAgent } from '@waxwing/agents';
import { z } from 'zod';

export const Adder = defineAgent({
  name: 'samples.adder',
  title: 'sample adder',
  description: 'an agent that adds two numbers',
  input: z.object({ a: z.int(), b: z.int() }), // fields that are not named here are refused
  output: z.object({ result: z.int() }),
  ask: (_context, { a, b }) => ({ result: a + b }),
});
