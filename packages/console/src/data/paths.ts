// Where things are shown: the address of each page, made in one place.

const part = encodeURIComponent;

export const paths = {
  overview: '/',
  signIn: '/sign-in',
  endpoints: '/endpoints',
  newEndpoint: '/endpoints/new',
  events: '/events',
  deliveries: '/deliveries',
  catalogue: '/catalogue',
  replays: '/replays',
  keys: '/keys',
  cluster: '/cluster',
  settings: '/settings',
  endpoint: (tenant: string, id: string): string => `/t/${part(tenant)}/endpoints/${part(id)}`,
  editEndpoint: (tenant: string, id: string): string => `/t/${part(tenant)}/endpoints/${part(id)}/edit`,
  event: (tenant: string, id: string): string => `/t/${part(tenant)}/events/${part(id)}`,
  delivery: (tenant: string, id: string): string => `/t/${part(tenant)}/deliveries/${part(id)}`,
  replay: (tenant: string, id: string): string => `/t/${part(tenant)}/replays/${part(id)}`,
  profile: (name: string): string => `/catalogue/${part(name)}`,
  /** Finds anything by its id and goes there. */
  find: (id: string): string => `/find/${part(id)}`,
} as const;
