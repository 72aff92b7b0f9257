import type { Gatehouse } from '../../core/gatehouse.ts'
import type { Backend } from '../../mcp/server/backend.ts'

/** The house as the protocol layer sees it. */
export const backendOf = ({ catalog, door, events }: Pick<Gatehouse, 'catalog' | 'door' | 'events'>): Backend => ({
  visible: (caller) => door.visible(caller),
  visibleListed: (caller, kind) => door.visibleListed(caller, kind),
  shownTo: (sessionKey, caller, kind, visible) => catalog.shownTo(sessionKey, caller, kind, visible),
  findTool: (name) => catalog.findTool(name),
  findLocal: (source, localName) => catalog.findLocal(source, localName),
  find: (name) => catalog.find(name),
  resourceNames: (uri, source) => catalog.resourceNames(uri, source),
  instructions: () => catalog.instructions(),
  settled: () => catalog.settled(),
  enter: (caller, name, args, entry) => door.enter(caller, name, args, entry),
  sessionEnded: (sessionKey) => events.publish('session_ended', { sessionKey }),
  rootsChanged: (sessionKey) => events.publish('roots_changed', { sessionKey }),
})
