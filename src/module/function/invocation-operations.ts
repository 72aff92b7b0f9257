import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation } from '../../contract/operation.ts'
import { NextCursor, Paging } from '../../core/paging.ts'
import { FunctionName } from './definition.ts'
import { InvocationDetail, InvocationSummary } from './function.shapes.ts'
import type { FunctionStore } from './function.store.ts'
import { shownInvocation, shownRun } from './function.view.ts'
import { findInvocation, listInvocations } from './invocation-list.ts'
import { submit } from './submit.ts'
import { resultOf, SubmittedResult } from './submitted-result.ts'

/** Runs: those that were, with their logs, and those that somebody leaves to the lane. */
export const invocationOperations = (op: DefineOperation<FunctionStore>) => ({
  invocation_list: op({
    summary: 'List runs of functions, newest first.',
    route: 'GET /function-invocations',
    permit: 'function.read',
    effect: 'read',
    input: z.strictObject({
      name: FunctionName.optional(),
      outcome: InvocationSummary.shape.outcome.optional(),
      ...Paging,
    }),
    output: z.object({ invocations: z.array(InvocationSummary), nextCursor: NextCursor }),
    example: { input: { outcome: 'failed' }, outcome: 'ok' },
    async run({ limit, cursor, ...filter }, { store }) {
      const { rows, nextCursor } = await listInvocations(store, filter, { limit, cursor })
      return { invocations: rows.map(shownInvocation), nextCursor }
    },
  }),

  invocation: op({
    summary: 'Show one run of a function with its logs.',
    route: 'GET /function-invocations/:id',
    permit: 'function.read',
    effect: 'read',
    input: z.strictObject({ id: z.int().min(0) }),
    output: InvocationDetail,
    example: { input: { id: 1 }, outcome: 'not_found' },
    async run({ id }, { store }) {
      const found = await findInvocation(store, id)
      if (found) return shownRun(found)
      throw new Fault('not_found', `No run of a function has the id ${id}. It may have been purged.`)
    },
  }),

  submit: op({
    summary: 'Let a published function run without waiting for it, now or later.',
    description: 'Needs the right to call its tool. function_result tells how it went. It runs the version of this moment.',
    route: 'POST /functions/:name/jobs',
    permit: 'function.call',
    effect: 'write',
    input: z.strictObject({
      name: FunctionName,
      input: z.record(z.string(), z.unknown()).default({}).describe('Its arguments'),
      key: z.string().min(1).max(200).optional().describe('The same key again is the same job, whatever else is sent with it'),
      runAt: z.int().min(0).optional().describe('Not before, ms since the epoch'),
    }),
    output: z.object({ jobId: z.int(), isNew: z.boolean().describe('false: the key was known') }),
    example: { input: { name: 'double', input: { number: 2 } }, outcome: 'not_found' },
    async run(submission, { store, ...asking }) {
      const { id, isNew } = await submit(store, submission, asking)
      return { jobId: id, isNew }
    },
  }),

  result: op({
    summary: 'Show how a function that you submitted went, and what it gave.',
    route: 'GET /function-jobs/:jobId',
    permit: 'function.call',
    effect: 'read',
    input: z.strictObject({ jobId: z.int().min(0) }),
    output: SubmittedResult,
    example: { input: { jobId: 1 }, outcome: 'not_found' },
    run: ({ jobId }, { store, caller }) => resultOf(store, jobId, caller),
  }),
})
