import { apiLane } from '../../../queue/api.lane.ts'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { LaneHandler } from '../../contract/queue.ts'
import type { Signer } from '../../core/assertion/signer.ts'
import { credentialFor } from '../../core/credential/credential-for.ts'
import { type Registry, userOf } from './registry.ts'

/** What the handler stands on. */
interface Parts {
  readonly house: Pick<House, 'secrets'>
  readonly signer: Signer
  readonly registry: Registry
}

/** Tells a request of an API who it is from, at the moment when it is made. */
export function createLaneHandler({ house, signer, registry }: Parts): LaneHandler {
  return {
    async ask(job, name) {
      const payload = apiLane.payload.parse(job.payload)
      if (payload.kind === 'fetch')
        throw new Fault('invalid', `Fetching a document asks nothing, but it asked for ${name.slice(0, 40)}.`)
      if (name !== 'credential') throw new Fault('invalid', `There is nothing to ask for by the name ${name.slice(0, 40)}.`)
      const api = registry.byId(payload.apiId)
      if (!api) throw new Fault('not_found', `The API ${payload.alias} was removed while a request was on its way to it.`)
      const { actor, requestId } = payload
      return credentialFor(api.credential, { secrets: house.secrets, signer, by: userOf(api.row.alias), actor, requestId })
    },
  }
}
