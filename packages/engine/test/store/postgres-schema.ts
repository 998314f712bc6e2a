// The schema as a database has it, drawn from its catalogue as text: every table with its columns, constraints, indexes,
// triggers, partitions and settings, and every function. What depends on the server's version is left out.
//
// Of the partitions by range only those of range 0 are drawn: the others are made alike.

export const PICTURE: URL = new URL('./postgres-schema.txt', import.meta.url);

type Ask = (sql: string) => Promise<readonly { readonly [column: string]: unknown }[]>;

export async function drawSchema(ask: Ask): Promise<string> {
  const parts: string[] = [];
  for (const { oid, name, kind } of await ask(TABLES)) {
    const lines = [...(await ask(columnsOf(Number(oid)))), ...(await ask(detailsOf(Number(oid))))].map(({ line }) => `  ${String(line)}`);
    parts.push([`TABLE ${String(name)}${String(kind)}`, ...lines].join('\n'));
  }
  for (const { definition } of await ask(FUNCTIONS)) parts.push(String(definition).trim());
  return `${parts.join('\n\n')}\n`;
}

/** The tables that a program may find, by name, without the partitions. */
export async function tableNames(ask: Ask): Promise<readonly string[]> {
  return (await ask(TABLES)).filter(({ kind }) => !String(kind).includes(' PARTITION OF ')).map(({ name }) => String(name));
}

const TABLES = `SELECT c.oid, c.relname AS name, coalesce(' PARTITION BY ' || pg_get_partkeydef(c.oid), '')
    || coalesce(' PARTITION OF ' || (SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = c.oid) || ' ' || pg_get_expr(c.relpartbound, c.oid), '')
    || coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '') AS kind
  FROM pg_class c WHERE c.relnamespace = 'waxwing'::regnamespace AND c.relkind IN ('r', 'p')
    AND c.relname !~ '_[1-9][0-9]*$' ORDER BY c.relname COLLATE "C"`;

function columnsOf(table: number): string {
  return `SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attcollation <> t.typcollation THEN 'COLLATE ' || l.collname END,
      CASE WHEN a.attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), CASE a.attidentity WHEN 'a' THEN 'ALWAYS AS IDENTITY' END) AS line
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = ${table} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;
}

/** Constraints (those that are NOT NULL are at their columns, and in the catalogue from version 18 on only), indexes, triggers. */
function detailsOf(table: number): string {
  return `SELECT line FROM (
      SELECT 1 AS part, conname::text AS name, conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint WHERE conrelid = ${table} AND contype <> 'n'
      UNION ALL SELECT 2, c.relname, regexp_replace(pg_get_indexdef(c.oid), ' ON (ONLY )?[^ ]+ USING', ' USING') || coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '')
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ${table} AND NOT i.indisprimary
      UNION ALL SELECT 3, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = ${table} AND NOT tgisinternal) AS details
    ORDER BY part, name COLLATE "C"`;
}

const FUNCTIONS = `SELECT pg_get_functiondef(oid) AS definition FROM pg_proc WHERE pronamespace = 'waxwing'::regnamespace ORDER BY proname COLLATE "C"`;
