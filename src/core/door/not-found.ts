import { Fault } from '../../contract/fault.ts'

/** What the door knows besides tools, by how such names begin, and where to look for what there is. */
const OTHERS = {
  prompt: 'List the prompts to see what there is.',
  resource: 'List the resources and templates to see what can be read.',
  task: 'It may be of another caller, or have ended long ago or with an earlier process of the gateway. Call the tool again if that does no harm.',
} as const

/** A completion or a subscription is of something, which is what is missing. A slash stands before a URI that is nobody's, or before a tool of a source. */
const NAME = /^(?:completion:|subscription:)?(?:(prompt|task):|(resource)(?::|\/(?=[a-z][\w+.-]*:)))(.*)$/is

/** What whoever asks for something is told that is not there, or not theirs. @param name at the door */
export function notFound(name: string): Fault {
  const [, named, located, called] = NAME.exec(name) ?? []
  const kind = named ?? located
  if (kind === undefined)
    return new Fault('not_found', `There is no tool named ${name.slice(0, 128)}. List the tools to see what can be called.`)
  return new Fault('not_found', `There is no ${kind} ${called!.slice(0, 128)}. ${OTHERS[kind as keyof typeof OTHERS]}`)
}
