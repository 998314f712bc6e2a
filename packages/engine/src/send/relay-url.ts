// The URL of an endpoint that is relayed: it has no address that anybody could connect to. No person can set it.

export const RELAY_URL = 'relay:listener';

export function isRelayUrl(url: string): boolean {
  return url === RELAY_URL;
}
