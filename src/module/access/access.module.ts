import { defineModule } from '../../contract/module.ts'
import { accessAuthenticator } from './access.authenticator.ts'
import { accessPages } from './access.pages.ts'
import { accessService } from './access.service.ts'
import { AccessSettings } from './access.settings.ts'
import { type AccessStore, openAccessStore } from './access.store.ts'
import { explainOperations } from './explain.operations.ts'
import { grantOperations } from './grant.operations.ts'
import { invitationOperations } from './invitation.operations.ts'
import { roleOperations } from './role.operations.ts'
import { sessionOperations } from './session.operations.ts'
import { tokenOperations } from './token.operations.ts'
import { userOperations } from './user.operations.ts'

/** Who is who, and who may do what: users, passwords, web sessions, tokens, grants and roles. */
export const access = defineModule<AccessStore, AccessSettings>({
  name: 'access',
  settings: AccessSettings,
  open: openAccessStore,
  operations: (op) => ({
    ...userOperations(op),
    ...grantOperations(op),
    ...roleOperations(op),
    ...tokenOperations(op),
    ...sessionOperations(op),
    ...invitationOperations(op),
    ...explainOperations(op),
  }),
  pages: accessPages,
  authenticator: accessAuthenticator,
  service: accessService,
})
