/* global SwaggerUIBundle */

const DOCUMENTS = { operations: '/api/openapi.json', tools: '/api/tools/openapi.json' }

async function start() {
  const wanted = new URLSearchParams(location.search).get('document') ?? 'operations'
  const answer = await fetch(Object.hasOwn(DOCUMENTS, wanted) ? DOCUMENTS[wanted] : DOCUMENTS.operations)
  if (!answer.ok) {
    document.getElementById(answer.status === 401 ? 'sign-in' : 'failed').hidden = false
    return
  }
  SwaggerUIBundle({
    spec: await answer.json(),
    dom_id: '#viewer',
    deepLinking: true,
    docExpansion: 'list',
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  })
}

start().catch(() => {
  document.getElementById('failed').hidden = false
})
