// The public surface of @waxwing/protocol, by name.
export type * from './resources.ts';
export type * from './schemes.ts';

export { compileProfile } from './profiles/compile.ts';
export { parseProfileDefinition } from './profiles/parse.ts';
export { BUILT_IN_PROFILES } from './profiles/registry.ts';
export { MANAGEMENT_NAMES } from './management-names.ts';
export type { ManagementName } from './management-names.ts';
export { messageHeaders } from './message.ts';
export { NOTICE_KINDS, OPERATIONAL_EVENT_TYPES, OPERATIONAL_TENANT } from './operational.ts';
export type { NoticeKind } from './operational.ts';
export { checkSecret, generateSecret, generateSigningKey, publicKeyOf } from './secrets.ts';
export { sign } from './sign.ts';
export type { MessageToSign } from './sign.ts';
export { formatTimestamp } from './timestamp.ts';
export { attemptId, createIdMint, isEventId, isMintedId, isTenantId, parseAttemptId } from './ids.ts';
export type { AttemptId, DeliveryId, EndpointId, IdMint, IdPrefix, KeyId, NoticeId, ReplayId } from './ids.ts';
export { ERRORS, WaxwingError } from './errors.ts';
export type { ErrorCode, ErrorEntry, FieldError, WaxwingErrorOptions } from './errors.ts';
export { KEY_FORMATS } from './resources/key.ts';
export { RELAY_ERRORS } from './resources/listener.ts';
export { PORTAL_MODES } from './resources/portal.ts';
export { STREAM_KINDS } from './resources/stream.ts';
export { EXPLANATION_REASONS } from './explanation.ts';
export type { ExplanationReason } from './explanation.ts';
export { DELIVERY_CAUSES, DELIVERY_STATES, ENDPOINT_STATUSES, OUTCOME_KINDS, REPLAY_STATES, REPLAYABLE_STATES } from './outcome.ts';
export type {
  DeliveryCause,
  DeliveryState,
  EndpointStatus,
  Outcome,
  OutcomeKind,
  ReplayableState,
  ReplayState,
  UnreachableReason,
} from './outcome.ts';
export { DEFAULT_WIRE_SETTINGS } from './profile.ts';
export type {
  EnvelopeTemplate,
  EnvelopeValue,
  EventTypeDefinition,
  PrintForm,
  Profile,
  ProfileDefinition,
  Reactions,
  RetrySchedule,
  SecretRules,
  TimestampForm,
  WireEvent,
  WireSettings,
} from './profile.ts';
export {
  checkEventTypes,
  EVENT_TYPE_LENGTH_MAX,
  EVENT_TYPE_PATTERNS_MAX,
  isEventTypeName,
  matchesEventType,
  nearestName,
} from './event-types.ts';
export { STATS_STEPS, STATS_WINDOWS } from './stats-windows.ts';
export type { StatsWindow } from './stats-windows.ts';
export { parseRetryAfter, RETRY_AFTER_MAX_MS, retryDelayMs } from './schedule.ts';
export { secretsThatSign } from './rotation.ts';
export type { SecretState } from './rotation.ts';
export { JSON_DEPTH_MAX, ScannedJson, scanArray, scanJson, scanObject } from './json/scan.ts';
export type { ScanLimits } from './json/scan.ts';
export type { JsonKind } from './json/scanner.ts';
export { parseExactly, printJavascript } from './json/print-javascript.ts';
export { printPython } from './json/print-python.ts';
