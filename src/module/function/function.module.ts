import { defineModule } from '../../contract/module.ts'
import { draftOperations } from './draft-operations.ts'
import { functionPages } from './function.pages.ts'
import { functionService } from './function.service.ts'
import { functionSettings } from './function.settings.ts'
import { openFunctionStore } from './function.store.ts'
import { invocationOperations } from './invocation-operations.ts'
import { publishOperations } from './publish-operations.ts'

/** Functions: written, tested and published here, run in sandboxes, called as tools. */
export const functions = defineModule({
  name: 'function',
  settings: functionSettings,
  open: openFunctionStore,
  operations: (op) => ({ ...draftOperations(op), ...publishOperations(op), ...invocationOperations(op) }),
  pages: functionPages,
  source: ({ registry }) => registry.source,
  service: functionService,
})
