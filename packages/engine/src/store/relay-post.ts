// The relay's post: what listeners, and the nodes that work for their endpoints, tell each other over a store that they share.
//
//  1. Which listener an endpoint has stands in the store, with the node where it is; who attaches last has it. What belongs to
//     a node goes with its lease.
//  2. What is sent comes once, in the order of its sender. It may be lost together with an answer of the store: whoever asked
//     then begins anew.

/** A listener that is attached somewhere. */
export interface ListenerRow {
  readonly endpointSeq: number;
  /** The node where it is. */
  readonly source: number;
  /** Another with each time it is attached. */
  readonly token: string;
}

export interface RelayMail {
  /** The node that it is for; null for whoever works for the endpoint. */
  readonly to: number | null;
  readonly endpointSeq: number;
  /** Sealed: it has headers and bodies. */
  readonly body: string;
}

/** Every verb rejects with StoreError. */
export interface RelayPost {
  /** A listener is at this node, in place of any other. */
  attach(endpointSeq: number, token: string): Promise<void>;
  /** It is gone. Nothing where another has taken its place. */
  detach(endpointSeq: number, token: string): Promise<void>;
  send(mail: RelayMail): Promise<void>;
  /** Takes what has come for this node and for endpoints in these shards, and tells of every listener. */
  take(shards: readonly number[]): Promise<{ readonly listeners: readonly ListenerRow[]; readonly mail: readonly RelayMail[] }>;
}
