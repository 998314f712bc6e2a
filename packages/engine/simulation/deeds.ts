// Deeds: what users do, and how often.

export type Deed =
  | 'publish'
  | 'create'
  | 'edit'
  | 'pause'
  | 'resume'
  | 'disable'
  | 'enable'
  | 'delete'
  | 'rotate'
  | 'activate'
  | 'retry'
  | 'cancel'
  | 'test'
  | 'order'
  | 'replay'
  | 'stop a replay';

export const DEEDS: { readonly [deed in Deed]: number } = {
  publish: 40, create: 4, edit: 5, pause: 4, resume: 4, disable: 2, enable: 3, delete: 3, rotate: 2, activate: 1, retry: 8, cancel: 6, test: 4, order: 2, replay: 4, 'stop a replay': 1,
}; // prettier-ignore
