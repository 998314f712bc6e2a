// The front page where the console is not built: what this is and where to go, in one small page that needs nothing else.
// Light and dark, any width.

import { createHash } from 'node:crypto';

export interface HomePage {
  readonly html: string;
  /** Allows the page's own style, by its hash, and nothing else. */
  readonly contentSecurityPolicy: string;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d1a16; --soft: #6b645b; --paper: #fbf9f6; --line: #e4dfd7; --wax: #b3352c; --code: #f2eee8 }
@media (prefers-color-scheme: dark) { :root { --ink: #ece7df; --soft: #a39b90; --paper: #171512; --line: #35312b; --wax: #ef7b6f; --code: #221f1b } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 ui-sans-serif, system-ui, sans-serif }
main { max-width: 42rem; margin: 0 auto; padding: clamp(2rem, 8vw, 5rem) 1.25rem 3rem }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -0.02em }
h1 span { color: var(--wax) }
h2 { margin: 2.5rem 0 0.5rem; font-size: 1rem }
p { margin: 0.5rem 0 }
.soft { color: var(--soft) }
a { color: var(--wax); text-underline-offset: 0.2em }
a:focus-visible { outline: 2px solid var(--wax); outline-offset: 2px }
ul { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line) }
li { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0.6rem 0; border-bottom: 1px solid var(--line) }
li a { flex: 0 0 8rem; font-family: ui-monospace, monospace; font-size: 0.9rem }
li span { flex: 1 1 14rem; color: var(--soft) }
pre { margin: 0.5rem 0; padding: 0.9rem 1rem; overflow-x: auto; background: var(--code); border-radius: 6px; font: 0.82rem/1.55 ui-monospace, monospace }
footer { margin-top: 3rem; color: var(--soft); font-size: 0.85rem }
`;

/** Makes the page. */
export function homePage(version: string): HomePage {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Waxwing</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Wax<span>wing</span></h1>
<p class="soft">Every webhook signed, every webhook delivered.</p>
<p>This server takes events and delivers each to every endpoint that subscribed: stored before it is acknowledged, signed in the receiver's own convention, retried on its schedule.</p>

<h2>Look around</h2>
<ul>
<li><a href="/docs">/docs</a><span>every route, to read and to try</span></li>
<li><a href="/openapi.json">/openapi.json</a><span>the same for programs (OpenAPI 3.1)</span></li>
<li><a href="/healthz">/healthz</a><span>whether the process is alive</span></li>
<li><a href="/readyz">/readyz</a><span>whether it can take events</span></li>
</ul>

<h2>Start</h2>
<p>The server printed an admin key when it first started. With it, add an endpoint:</p>
<pre tabindex="0">curl -X POST "$WAXWING_URL/v1/tenants/acme/endpoints" \\
  -H "authorization: Bearer $WAXWING_KEY" \\
  -H "content-type: application/json" \\
  -d '{"url": "https://example.com/webhooks"}'</pre>
<p>and publish an event:</p>
<pre tabindex="0">curl -X POST "$WAXWING_URL/v1/tenants/acme/events" \\
  -H "authorization: Bearer $WAXWING_KEY" \\
  -H "content-type: application/json" \\
  -d '{"type": "meeting.completed", "data": {"meeting_id": "mtg_1"}}'</pre>
<footer>Waxwing ${escapeHtml(version)}. The console is not built here: <code>npm run build:console</code> builds it.</footer>
</main>
</body>
</html>
`;
  const hash = createHash('sha256').update(STYLE).digest('base64');
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
