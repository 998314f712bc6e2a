// How to keep a body's bytes, framework by framework: what `explain()` says when only a parsed or printed body is left.

export type Framework = 'express' | 'fastify' | 'hono' | 'koa' | 'nestjs' | 'nextjs' | 'aws-lambda' | 'fetch' | 'node';

const FIXES: Readonly<Record<Framework, string>> = {
  express: 'mount express.raw({ type: "*/*" }) on this route, before express.json(), and give req.body',
  fastify: 'add a content type parser with { parseAs: "buffer" } and give request.body',
  hono: 'give await c.req.arrayBuffer()',
  koa: 'read ctx.req before any body parser, or give ctx.request.rawBody',
  nestjs: 'create the application with { rawBody: true } and give request.rawBody',
  nextjs: 'give await request.arrayBuffer(); under pages/api export config = { api: { bodyParser: false } } and read the stream',
  'aws-lambda': 'give event.body, or Buffer.from(event.body, "base64") when event.isBase64Encoded',
  fetch: 'give await request.arrayBuffer()',
  node: 'give Buffer.concat of the request’s chunks',
};

/** How to get the exact bytes: for the one framework, or for the usual ones. */
export function rawBodyFix(framework: Framework | undefined): string {
  if (framework !== undefined) return `In ${framework}: ${FIXES[framework]}.`;
  return `In Express: ${FIXES.express}. With fetch-style handlers: ${FIXES.fetch}. In Fastify: ${FIXES.fastify}.`;
}
