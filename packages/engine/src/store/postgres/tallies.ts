// Tallies: counts by state, kept beside the rows so that nobody counts them. Each writer adds to rows of its own.

/** Parameters: the writer, names, what to add to each. */
export const ADD_TALLIES: { readonly name: string; readonly text: string } = {
  name: 'waxwing_tallies',
  text: `INSERT INTO waxwing.tallies SELECT $1::text, name, sum(rows) FROM unnest($2::text[], $3::bigint[]) AS moves(name, rows) GROUP BY name
    ON CONFLICT (writer, name) DO UPDATE SET value = tallies.value + excluded.value`,
};
