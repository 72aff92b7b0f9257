/* global SwaggerUIBundle */

const DOCUMENTS = { operations: '/api/openapi.json', tools: '/api/tools/openapi.json' }

async function start() {
  const wanted = new URLSearchParams(location.search).get('document') ?? 'operations'
  const answer = await fetch(Object.hasOwn(DOCUMENTS, wanted) ? DOCUMENTS[wanted] : DOCUMENTS.operations)
  if (!answer.ok) {
    document.getElementById(answer.status === 401 ? 'sign-in' : 'failed').hidden = false
    return
  }
  const spec = await answer.json()
  // The address of this very page first: calls to another name of the same gateway would go to another origin.
  spec.servers = [{ url: location.origin }, ...spec.servers.filter(({ url }) => url !== location.origin)]
  SwaggerUIBundle({
    spec,
    dom_id: '#viewer',
    deepLinking: true,
    docExpansion: 'list',
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  })
}

const dark = matchMedia('(prefers-color-scheme: dark)')
const followScheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', followScheme)
followScheme()

start().catch(() => {
  document.getElementById('failed').hidden = false
})
