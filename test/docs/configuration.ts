// Configuration on a page, read as the program that takes it would: of a kind that is known here, and of its form.

import { parse } from 'yaml';
import { BlockError, type Block } from './blocks.ts';

/** @throws BlockError when a block of YAML is not a set of alerts as Prometheus takes them, the one kind that pages show */
export function checkYaml(block: Block): Promise<void> {
  const { groups }: { groups?: readonly { name?: unknown; rules?: readonly Record<string, unknown>[] }[] } = parse(block.text) ?? {};
  if (!Array.isArray(groups) || groups.length === 0) throw new BlockError(block, 'it is no file of alerts: it has no groups');
  for (const { name, rules } of groups) {
    if (typeof name !== 'string' || !Array.isArray(rules) || rules.length === 0)
      throw new BlockError(block, 'a group has a name and rules');
    for (const rule of rules) {
      const stray = Object.keys(rule).filter((key) => !['alert', 'expr', 'for', 'labels', 'annotations'].includes(key));
      if (typeof rule['alert'] !== 'string' || typeof rule['expr'] !== 'string' || stray.length > 0)
        throw new BlockError(block, `no alert: ${JSON.stringify(rule)}`);
      if (rule['for'] !== undefined && !/^\d+[smhd]$/.test(String(rule['for'])))
        throw new BlockError(block, `no duration: ${String(rule['for'])}`);
    }
  }
  return Promise.resolve();
}
