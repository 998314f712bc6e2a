// Generated from the event catalogue of the profile meshagent: do not edit. See test/generate-events.ts.

/** room.started: Room session started */
export interface RoomStartedData {
  readonly room_name: string;
  readonly room_url?: string;
}

/** room.ended: Room session ended */
export interface RoomEndedData {
  readonly room_name: string;
}

/** room.call: An agent is called into a room */
export interface RoomCallData {
  readonly room_name: string;
  readonly room_url: string;
  readonly token: string;
  readonly arguments: {
    readonly name?: string;
  };
}

/** storage.file.updated: File written or updated */
export interface StorageFileUpdatedData {
  readonly path: string;
  readonly participant_id: string;
}

/** storage.file.deleted: File deleted */
export interface StorageFileDeletedData {
  readonly path: string;
  readonly participant_id: string;
}

/** storage.file.moved: File moved */
export interface StorageFileMovedData {
  readonly source_path: string;
  readonly destination_path: string;
  readonly participant_id: string;
}

/** The events of meshagent: type to data. */
export interface MeshagentEvents {
  readonly 'room.started': RoomStartedData;
  readonly 'room.ended': RoomEndedData;
  readonly 'room.call': RoomCallData;
  readonly 'storage.file.updated': StorageFileUpdatedData;
  readonly 'storage.file.deleted': StorageFileDeletedData;
  readonly 'storage.file.moved': StorageFileMovedData;
}
