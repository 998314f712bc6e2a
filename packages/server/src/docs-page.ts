// The browsable contract: Swagger UI, served from its package (no CDN), under a policy that lets it load only from here.

import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

// Swagger UI sets style attributes and inline SVGs as it draws; scripts come from this origin only.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A page of its own for a contract of its own; without `contract`, the one that is generated for this server. */
export interface DocsPage {
  readonly path: string;
  readonly title: string;
  readonly contract?: { readonly [member: string]: unknown };
}

/** Serves a page; must come after the contract's generator. */
export async function registerDocsPage(
  app: FastifyInstance,
  { path, title, contract }: DocsPage = { path: '/docs', title: 'Waxwing API' },
): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: path,
    staticCSP: POLICY,
    theme: { title },
    ...(contract === undefined ? {} : { transformSpecification: () => contract, transformSpecificationClone: false }),
    logLevel: 'warn',
    uiConfig: { docExpansion: 'list', deepLinking: true, defaultModelsExpandDepth: 0, displayRequestDuration: true },
  });
}
