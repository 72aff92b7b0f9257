import { defineModule } from '../../contract/module.ts'
import { periodic } from '../../core/periodic.ts'
import { apiOperations } from './api.operations.ts'
import { apiPages } from './api.pages.ts'
import { apiSettings } from './api.settings.ts'
import { openApiStore } from './api.store.ts'
import { keyOperations } from './key.operations.ts'
import { passPermit } from './pass-tool.ts'
import { refreshDue } from './refresh-due.ts'
import { toolOperations } from './tool.operations.ts'
import { versionOperations } from './version.operations.ts'

/** REST APIs behind the gateway: registered by their OpenAPI documents, called as tools. */
export const api = defineModule({
  name: 'api',
  settings: apiSettings,
  open: openApiStore,
  operations: (op) => ({ ...apiOperations(op), ...toolOperations(op), ...versionOperations(op), ...keyOperations(op) }),
  pages: apiPages,
  source: ({ registry }) => registry.source,
  permits: ({ registry }) => registry.all().map(({ row }) => passPermit(row.alias)),
  publicKeys:
    ({ signer }) =>
    () =>
      signer.publicKeys(),
  service: (store) =>
    periodic(store.house, store.house.settings.refreshCheckSeconds * 1_000, 'api.refresh_failed', (nowMs, signal) =>
      refreshDue(store, nowMs, signal),
    ),
})
