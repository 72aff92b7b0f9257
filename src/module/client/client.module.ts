import { defineModule } from '../../contract/module.ts'
import { clientService } from './client.service.ts'
import { type ClientStore, openClientStore } from './client.store.ts'

/** What is known of MCP clients beyond the life of a process: their sessions. */
export const client = defineModule<ClientStore>({
  name: 'client',
  open: openClientStore,
  operations: () => ({}),
  sessionBook: ({ book }) => book,
  service: clientService,
})
