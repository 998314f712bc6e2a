// The catalogue as branches: event types that share their first word stand together under `word.*`.

import type { EventType } from '@waxwing/protocol';

export interface Branch {
  /** `meeting.*`; null for a type that stands alone. */
  readonly pattern: string | null;
  readonly types: readonly EventType[];
}

/** The branches that hold something of what is searched, by name or description; sorted. */
export function branchesOf(catalogue: readonly EventType[], search: string): readonly Branch[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = catalogue.filter(({ name, description }) => words.every((word) => `${name} ${description}`.toLowerCase().includes(word)));
  const sizes = new Map<string, number>();
  for (const { name } of catalogue) sizes.set(firstWord(name), (sizes.get(firstWord(name)) ?? 0) + 1);
  const branches = new Map<string, EventType[]>();
  for (const type of found) {
    const first = firstWord(type.name);
    const key = type.name.includes('.') && (sizes.get(first) ?? 0) > 1 ? `${first}.*` : type.name;
    branches.set(key, [...(branches.get(key) ?? []), type]);
  }
  return [...branches.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, types]) => ({
      pattern: key.endsWith('.*') ? key : null,
      types: types.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    }));
}

function firstWord(name: string): string {
  return name.split('.', 1)[0] ?? name;
}
