import type { Gatehouse } from '../core/gatehouse.ts'
import type { HttpSettings } from './http-settings.ts'

/** What a transport stands on. */
export interface Front {
  readonly gatehouse: Gatehouse
  readonly http: HttpSettings
  /** The address that clients use, without a trailing slash; known once the port is open. */
  readonly url: () => string
}
