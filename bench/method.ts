// The method, in words: printed before the figures, and kept with them.

import type { Settings } from './bench.ts';
import type { Machine } from './machine.ts';

export function methodOf(settings: Settings, machine: Machine): string {
  const { store, nodes, threads, connections, endpoints, concurrency, bodyBytes, seconds, warmUpSeconds, folder } = settings;
  const memory = machine.onTmpfs ? '  — IN MEMORY: not a durable store, the figures mean little' : '';
  const kept =
    store === 'sqlite' ? 'SQLite with synchronous=FULL' : 'PostgreSQL beside it on the same CPUs, synchronous_commit=on, fsync=on';
  return `Machine: ${machine.cpus} CPUs (${machine.model}), ${Math.round(machine.memoryBytes / 1e9)} GB, Linux ${machine.kernel}, Node ${machine.node}, SQLite ${machine.sqlite}, PostgreSQL ${machine.postgres}, Waxwing ${machine.waxwing}
Load of the machine before it began: ${machine.loadBefore} (something else runs where this is not near 0). fsync of 4 KiB in ${folder}: p50 ${machine.fsyncP50Us} µs, p99 ${machine.fsyncP99Us} µs${memory}
Method: load generator (bare sockets, ${connections} kept-alive connections), server (${nodes === 1 ? 'one process' : `${nodes} processes`}: HTTP API, engine, ${kept}, ${threads} sender thread${threads === 1 ? '' : 's'},
profile standard, signed v1) and receiver (bare sockets, kept alive, answers 200 at once) share the CPUs over loopback, a process each.
Unless a scenario says otherwise: one event a request, bodies of ${bodyBytes} bytes, each delivered to one of ${endpoints} endpoints, at most ${concurrency} in flight each.
Every publish is answered after the fsync of its batch. A rate counts what the receiver has received whole. Steady rates are an open loop (the
generator publishes at its rate, whatever the answers do), in steps of ${seconds / 2} s, until the backlog grows; other rates are from the first publish
of a burst, published as fast as it is taken, to its last arrival. Warm-up ${warmUpSeconds} s. Latency runs from the moment the generator hands an event to
the connection, or to the queue for one, until the receiver has the whole request. CPU is user and system time of all threads.
Ratios are to what this machine gave in this run: see limit. Not measured: networks, distant and slow receivers (other than in misery), DNS,
many hosts (all endpoints share one), other tenants' load, a store that has grown for months, and a machine of the server's own.`;
}
