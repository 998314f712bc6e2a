// MeshAgent's events as its WebhookServer gives them to the methods: read from a payload, refused when a field is missing.

import { isRecord } from '../verify/request.ts';

export interface RoomStartedEvent {
  readonly roomName: string;
  /** Where the room is joined; null where the sender gives none (its page does not name the field, its code sends it). */
  readonly roomUrl: string | null;
}

export interface RoomEndedEvent {
  readonly roomName: string;
}

/** An agent is called into a room. */
export interface CallEvent {
  readonly roomName: string;
  readonly roomUrl: string;
  /** The participant token to join with. */
  readonly token: string;
  readonly arguments: { readonly [name: string]: unknown };
}

export interface StorageFileEvent {
  readonly path: string;
  readonly participantId: string;
}

export interface StorageFileMovedEvent {
  readonly sourcePath: string;
  readonly destinationPath: string;
  readonly participantId: string;
}

export type MeshAgentEvent =
  | { readonly event: 'room.started'; readonly data: RoomStartedEvent }
  | { readonly event: 'room.ended'; readonly data: RoomEndedEvent }
  | { readonly event: 'room.call'; readonly data: CallEvent }
  | { readonly event: 'storage.file.updated'; readonly data: StorageFileEvent }
  | { readonly event: 'storage.file.deleted'; readonly data: StorageFileEvent }
  | { readonly event: 'storage.file.moved'; readonly data: StorageFileMovedEvent };

/** A webhook's payload as it came. */
export interface MeshAgentPayload {
  readonly event: string;
  readonly data?: unknown;
}

/** Why a payload cannot be read; answered 400. An `onWebhook` of your own may throw it too. */
export class UnreadablePayload extends Error {
  override readonly name = 'UnreadablePayload';
}

/** @throws UnreadablePayload when it is not an object or has no `event` */
export function readPayload(value: unknown): MeshAgentPayload {
  if (!isRecord(value) || Array.isArray(value)) throw new UnreadablePayload('the payload is not an object');
  const { event } = value;
  if (typeof event !== 'string' || event === '') throw new UnreadablePayload('the payload has no `event`');
  return { ...value, event };
}

/**
 * The event of a payload; null when its type is not known.
 * @throws UnreadablePayload when a known event lacks a field
 */
export function readMeshAgentEvent({ event, data }: MeshAgentPayload): MeshAgentEvent | null {
  switch (event) {
    case 'room.started':
      return { event, data: { roomName: text(data, 'room_name'), roomUrl: optionalText(data, 'room_url') } };
    case 'room.ended':
      return { event, data: { roomName: text(data, 'room_name') } };
    case 'room.call':
      return {
        event,
        data: {
          roomName: text(data, 'room_name'),
          roomUrl: text(data, 'room_url'),
          token: text(data, 'token'),
          arguments: record(data, 'arguments'),
        },
      };
    case 'storage.file.updated':
    case 'storage.file.deleted':
      return { event, data: { path: text(data, 'path'), participantId: text(data, 'participant_id') } };
    case 'storage.file.moved':
      return {
        event,
        data: {
          sourcePath: text(data, 'source_path'),
          destinationPath: text(data, 'destination_path'),
          participantId: text(data, 'participant_id'),
        },
      };
    default:
      return null;
  }
}

function field(data: unknown, name: string): unknown {
  if (!isRecord(data)) throw new UnreadablePayload('the payload has no `data` object');
  return data[name];
}

function text(data: unknown, name: string): string {
  const value = field(data, name);
  if (typeof value !== 'string') throw new UnreadablePayload(`\`data.${name}\` is not a text`);
  return value;
}

function optionalText(data: unknown, name: string): string | null {
  const value = field(data, name) ?? null;
  return value === null ? null : text(data, name);
}

function record(data: unknown, name: string): { readonly [name: string]: unknown } {
  const value = field(data, name);
  if (!isRecord(value) || Array.isArray(value)) throw new UnreadablePayload(`\`data.${name}\` is not an object`);
  return value;
}
