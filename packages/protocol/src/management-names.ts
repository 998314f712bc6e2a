// The platforms whose management APIs a server can speak beside its own, so that their clients keep working. Each is named
// as its profile is.

export const MANAGEMENT_NAMES = ['joai', 'humanconnection', 'meshagent', 'meetloyd'] as const;

export type ManagementName = (typeof MANAGEMENT_NAMES)[number];
