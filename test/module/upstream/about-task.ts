import type { Fault } from '../../../src/contract/fault.ts'
import type { Upstreams } from './open-upstreams.ts'

/** Ask about a task, as a client does. */
export const about = (house: Upstreams, id: unknown, method: string, params: object = {}, more: object = {}) =>
  house.call(`task:${id}`, { method, params: { taskId: id, ...params } }, more) as Promise<any>

/** The code of the fault that work ends in; `ok` where it ends in none. */
export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (thrown) => (thrown as Fault).code,
  )
