/** Documents of our own that between them use every feature of the three versions that a request is made of. */

const answer = (schema: object): object => ({ '200': { description: 'Good.', content: { 'application/json': { schema } } } })
const done = { '204': { description: 'Done.' } }
const text = { type: 'string' }

const STYLES_30 = [
  { name: 'simple', in: 'path', required: true, schema: { type: 'array', items: text } },
  { name: 'label', in: 'path', required: true, style: 'label', explode: true, schema: { type: 'array', items: text } },
  { name: 'matrix', in: 'path', required: true, style: 'matrix', schema: { type: 'integer', minimum: 3 } },
  { name: 'form', in: 'query', schema: { type: 'array', items: { type: 'integer' } } },
  { name: 'flat', in: 'query', explode: false, schema: { type: 'array', items: text } },
  { name: 'space', in: 'query', style: 'spaceDelimited', explode: false, schema: { type: 'array', items: text } },
  { name: 'pipe', in: 'query', style: 'pipeDelimited', explode: false, schema: { type: 'array', items: text } },
  {
    name: 'deep',
    in: 'query',
    style: 'deepObject',
    explode: true,
    schema: { type: 'object', properties: { low: { type: 'integer' }, high: text } },
  },
  { name: 'reserved', in: 'query', allowReserved: true, schema: text },
  {
    name: 'content',
    in: 'query',
    content: { 'application/json': { schema: { type: 'object', properties: { a: { type: 'integer' } } } } },
  },
  { name: 'X-Trace', in: 'header', schema: { type: 'array', items: text } },
  { name: 'taste', in: 'cookie', schema: text },
  { name: 'Accept', in: 'header', schema: text },
]

/** OpenAPI 3.0: styles, bodies, inheritance, `nullable`, a tree. */
export const OPENAPI_30 = {
  openapi: '3.0.3',
  info: { title: 'Orchard', version: '7', description: 'Trees and what hangs on them.' },
  servers: [
    {
      url: 'https://{region}.orchard.example/{base}/',
      variables: { region: { default: 'eu', enum: ['eu', 'us'] }, base: { default: 'v1' } },
    },
    { url: '/relative' },
  ],
  tags: [{ name: 'tree', description: 'Everything that grows.' }],
  security: [{ key: [] }],
  paths: {
    '/styles/{simple}/{label}/{matrix}': {
      get: { operationId: 'styles', parameters: STYLES_30, responses: answer({ type: 'array', items: text }) },
    },
    '/trees/{id}': {
      parameters: [
        { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
        { name: 'depth', in: 'query', schema: { type: 'integer', minimum: 0, exclusiveMinimum: true, maximum: 9 } },
      ],
      get: {
        operationId: 'getTree',
        tags: ['tree'],
        summary: 'One tree.',
        responses: answer({ $ref: '#/components/schemas/Tree' }),
      },
      put: {
        operationId: 'putTree',
        parameters: [
          { name: 'id', in: 'query', schema: text },
          { name: 'id', in: 'header', schema: text },
          { name: 'body', in: 'query', schema: text },
        ],
        requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Tree' } } } },
        responses: answer({ $ref: '#/components/schemas/Tree' }),
      },
      delete: { operationId: 'fellTree', deprecated: true, responses: done },
    },
    '/fruit': {
      post: {
        operationId: 'addFruit',
        requestBody: { $ref: '#/components/requestBodies/Fruit' },
        responses: {
          default: { description: 'Any.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Fruit' } } } },
        },
      },
    },
    '/form': {
      post: {
        operationId: 'sendForm',
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                required: ['name'],
                properties: {
                  name: text,
                  tags: { type: 'array', items: text },
                  size: { type: 'object', properties: { high: { type: 'integer' } } },
                },
              },
              encoding: { tags: { style: 'pipeDelimited', explode: false } },
            },
          },
        },
        responses: done,
      },
    },
    '/pictures': {
      post: {
        operationId: 'addPicture',
        requestBody: {
          content: {
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['picture'],
                properties: {
                  picture: { type: 'string', format: 'binary' },
                  more: { type: 'array', items: { type: 'string', format: 'binary' } },
                  about: { type: 'object', properties: { title: text } },
                  note: text,
                },
              },
              encoding: { picture: { contentType: 'image/png, image/jpeg' } },
            },
          },
        },
        responses: done,
      },
    },
    '/notes': { put: { operationId: 'putNote', requestBody: { content: { 'text/plain': { schema: text } } }, responses: done } },
    '/blob': {
      put: {
        operationId: 'putBlob',
        requestBody: { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } },
        responses: { '200': { description: 'Bytes.', content: { 'image/*': { schema: { type: 'string', format: 'binary' } } } } },
      },
    },
  },
  components: {
    requestBodies: {
      Fruit: { required: true, content: { 'application/vnd.orchard+json': { schema: { $ref: '#/components/schemas/Fruit' } } } },
    },
    schemas: {
      Tree: {
        type: 'object',
        required: ['name', 'id', 'secret'],
        properties: {
          id: { type: 'string', readOnly: true },
          secret: { type: 'string', writeOnly: true },
          name: { type: 'string', minLength: 1 },
          height: { type: 'number', nullable: true, description: 'In metres.' },
          parent: { allOf: [{ $ref: '#/components/schemas/Tree' }], nullable: true, description: 'Where it stems from.' },
          children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
        },
      },
      Fruit: {
        oneOf: [{ $ref: '#/components/schemas/Apple' }, { $ref: '#/components/schemas/Pear' }],
        discriminator: {
          propertyName: 'kind',
          mapping: { apple: '#/components/schemas/Apple', pear: '#/components/schemas/Pear' },
        },
      },
      Named: { type: 'object', required: ['kind'], properties: { kind: text, weight: { type: 'number', example: 3.5 } } },
      Apple: {
        allOf: [
          { $ref: '#/components/schemas/Named' },
          { type: 'object', required: ['colour'], properties: { kind: { type: 'string', enum: ['apple'] }, colour: text } },
        ],
      },
      Pear: {
        allOf: [
          { $ref: '#/components/schemas/Named' },
          { properties: { kind: { type: 'string', enum: ['pear'] }, soft: { type: 'boolean' } } },
        ],
      },
    },
    securitySchemes: {
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      people: { type: 'http', scheme: 'Basic' },
      token: { type: 'http', scheme: 'bearer' },
      machine: {
        type: 'oauth2',
        flows: { clientCredentials: { tokenUrl: 'https://auth.example/token', scopes: { grow: 'To grow.' } } },
      },
      person: { type: 'oauth2', flows: { implicit: { authorizationUrl: 'https://auth.example/', scopes: {} } } },
      certificate: { type: 'mutualTLS' },
    },
  },
}

/** OpenAPI 3.1: what JSON Schema 2020-12 brought. */
export const OPENAPI_31 = {
  openapi: '3.1.0',
  info: { title: 'Tide', version: '2' },
  paths: {
    '/waves': { $ref: '#/components/pathItems/Waves' },
    '/gauge/{id}': {
      get: {
        responses: answer({ type: 'object', properties: { level: { type: ['number', 'null'] } } }),
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: ['string', 'integer'] } }],
      },
    },
  },
  components: {
    pathItems: {
      Waves: {
        post: {
          operationId: 'waves.create',
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['kind'],
                  properties: {
                    kind: { const: 'wave' },
                    height: { type: ['number', 'null'], exclusiveMinimum: 0, examples: [1.5] },
                    sea: { $ref: '#/components/schemas/Sea', description: 'Which one.' },
                    state: {
                      oneOf: [
                        { const: 0, title: 'calm' },
                        { const: 1, title: 'rough' },
                      ],
                    },
                    pair: { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }] },
                    open: true,
                    never: false,
                    named: { $ref: '#sea' },
                  },
                },
              },
            },
          },
          responses: done,
        },
      },
    },
    schemas: { Sea: { $anchor: 'sea', type: 'string', enum: ['north', 'south', null] } },
  },
}

/** Swagger 2.0: body, form, files and collection formats. */
export const SWAGGER_2 = {
  swagger: '2.0',
  info: { title: 'Harbour', version: '1.0' },
  host: 'harbour.example',
  basePath: '/api/',
  schemes: ['http', 'https'],
  consumes: ['application/json'],
  produces: ['application/json'],
  parameters: { limit: { name: 'limit', in: 'query', type: 'integer', maximum: 50, default: 10 } },
  paths: {
    '/ships': {
      get: {
        operationId: 'listShips',
        parameters: [
          { $ref: '#/parameters/limit' },
          { name: 'csv', in: 'query', type: 'array', items: text },
          { name: 'ssv', in: 'query', type: 'array', items: text, collectionFormat: 'ssv' },
          { name: 'tsv', in: 'query', type: 'array', items: text, collectionFormat: 'tsv' },
          { name: 'pipes', in: 'query', type: 'array', items: text, collectionFormat: 'pipes' },
          { name: 'multi', in: 'query', type: 'array', items: text, collectionFormat: 'multi' },
        ],
        responses: {
          '200': {
            description: 'Good.',
            schema: { type: 'object', properties: { ships: { type: 'array', items: { $ref: '#/definitions/Ship' } } } },
          },
        },
      },
      post: {
        operationId: 'addShip',
        parameters: [{ name: 'ship', in: 'body', required: true, schema: { $ref: '#/definitions/Ship' } }],
        responses: { '201': { description: 'Made.', schema: { $ref: '#/definitions/Ship' } } },
      },
    },
    '/ships/{id}/papers': {
      post: {
        operationId: 'addPapers',
        consumes: ['multipart/form-data'],
        parameters: [
          { name: 'id', in: 'path', required: true, type: 'integer' },
          { name: 'scan', in: 'formData', required: true, type: 'file' },
          { name: 'pages', in: 'formData', type: 'array', items: { type: 'integer' }, collectionFormat: 'multi' },
        ],
        responses: { '200': { description: 'A file.', schema: { type: 'file' } } },
      },
    },
    '/login': {
      post: {
        operationId: 'login',
        consumes: ['application/x-www-form-urlencoded'],
        parameters: [
          { name: 'user', in: 'formData', required: true, type: 'string', description: 'Who.' },
          { name: 'roles', in: 'formData', type: 'array', items: text, collectionFormat: 'pipes' },
        ],
        responses: { '204': { description: 'Done.' } },
      },
    },
  },
  definitions: {
    Ship: {
      type: 'object',
      required: ['name'],
      properties: { name: text, crew: { type: 'integer', 'x-nullable': true }, owner: { $ref: '#/definitions/Owner' } },
    },
    Owner: {
      type: 'object',
      discriminator: 'type',
      required: ['type'],
      properties: { type: text, ships: { type: 'array', items: { $ref: '#/definitions/Ship' } } },
    },
  },
  securityDefinitions: {
    people: { type: 'basic' },
    key: { type: 'apiKey', in: 'query', name: 'key' },
    machine: { type: 'oauth2', flow: 'application', tokenUrl: 'https://auth.example/token', scopes: { sail: 'To sail.' } },
  },
}
