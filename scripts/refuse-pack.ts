// Stops `npm pack` and `npm publish` within packages/: what lies there are sources, not what is published.
//
// Each package names this as its `prepack`. The staged packages, which `npm run build` makes, have no scripts.

console.error('Packages are packed from build/packages/<folder>, not from their sources: run `npm run build` first.');
process.exitCode = 1;
