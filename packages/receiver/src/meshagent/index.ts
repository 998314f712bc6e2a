// The public surface of @waxwing/receiver/meshagent.
export type {
  CallEvent,
  MeshAgentEvent,
  MeshAgentPayload,
  RoomEndedEvent,
  RoomStartedEvent,
  StorageFileEvent,
  StorageFileMovedEvent,
} from './events.ts';
export { UnreadablePayload } from './events.ts';
export { MeshAgentWebhookServer } from './server.ts';
export type { AnsweredCall } from './server.ts';
export type { MeshAgentServerOptions, RoutingApp, WebSocketUpgrader } from './settings.ts';
