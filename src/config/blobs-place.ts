/** Where the packages are kept: in the data folder, or in a service that any number of processes share. */
export type BlobsPlace =
  | { readonly kind: 'disk' }
  | {
      readonly kind: 'azure'
      readonly account: string
      readonly key: string
      readonly endpoint: string
      readonly publicEndpoint: string
      readonly container: string
      readonly uploads: 'direct' | 'through'
    }
  | {
      readonly kind: 's3'
      readonly bucket: string
      readonly prefix: string
      readonly region: string
      readonly endpoint: string | null
      readonly credentials: {
        readonly accessKeyId: string
        readonly secretAccessKey: string
        readonly sessionToken?: string
      } | null
    }

type Environment = { readonly [name: string]: string | undefined }

const forms = 'azure://CONTAINER or s3://BUCKET?region=REGION'

/**
 * @param env for the keys, under the names that the services' own tools read
 * @throws Error with everything that is wrong, keys left out
 */
export function readBlobsPlace(text: string, env: Environment): BlobsPlace {
  if (text === '') return { kind: 'disk' }
  const url = URL.parse(text)
  if (url?.protocol === 'azure:') return azurePlace(url, env)
  if (url?.protocol === 's3:') return s3Place(url, env)
  throw new Error(`must be ${forms}`)
}

/** As the service allows containers to be called, and S3 its buckets, roughly. */
const isName = /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/

function azurePlace(url: URL, env: Environment): BlobsPlace {
  const problems = problemsOf(url, ['public', 'uploads'])
  const container = url.hostname
  if (!isName.test(container) || !['', '/'].includes(url.pathname)) {
    problems.push('must name a container, as in azure://packages')
  }
  const uploads = url.searchParams.get('uploads') ?? 'direct'
  if (uploads !== 'direct' && uploads !== 'through') problems.push('uploads must be direct or through')
  const own = connectionOf(env.AZURE_STORAGE_CONNECTION_STRING ?? '')
  if (!own) {
    problems.push('needs AZURE_STORAGE_CONNECTION_STRING, with AccountName and AccountKey')
  }
  const publicEndpoint = url.searchParams.get('public')
  if (publicEndpoint !== null && !isHttp(publicEndpoint)) problems.push('public must be an http(s) URL')
  if (problems.length > 0 || !own) throw new Error(problems.join('; '))
  return {
    kind: 'azure',
    ...own,
    publicEndpoint: (publicEndpoint ?? own.endpoint).replace(/\/+$/, ''),
    container,
    uploads: uploads === 'through' ? 'through' : 'direct',
  }
}

/** The parts of `Name=value;Name=value`; a value may have a `=` in it. */
function connectionOf(text: string): { account: string; key: string; endpoint: string } | undefined {
  const parts = new Map(
    text
      .split(';')
      .filter((part) => part.includes('='))
      .map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1).trim()]),
  )
  const account = parts.get('AccountName')
  const key = parts.get('AccountKey')
  if (!account || !key) return undefined
  const suffix = parts.get('EndpointSuffix') ?? 'core.windows.net'
  const usual = `${parts.get('DefaultEndpointsProtocol') ?? 'https'}://${account}.blob.${suffix}`
  return { account, key, endpoint: (parts.get('BlobEndpoint') ?? usual).replace(/\/+$/, '') }
}

function s3Place(url: URL, env: Environment): BlobsPlace {
  const problems = problemsOf(url, ['region', 'endpoint'])
  const bucket = url.hostname
  if (!isName.test(bucket)) problems.push('must name a bucket, as in s3://packages')
  const region = url.searchParams.get('region') ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? ''
  if (region === '') problems.push('needs ?region= or AWS_REGION')
  const endpoint = url.searchParams.get('endpoint')
  if (endpoint !== null && !isHttp(endpoint)) problems.push('endpoint must be an http(s) URL')
  const {
    AWS_ACCESS_KEY_ID: id = '',
    AWS_SECRET_ACCESS_KEY: secret = '',
    AWS_SESSION_TOKEN: token = '',
  } = env
  if ((id === '') !== (secret === '')) {
    problems.push('needs both of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither')
  }
  if (problems.length > 0) throw new Error(problems.join('; '))
  const folder = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '')
  const credentials = {
    accessKeyId: id,
    secretAccessKey: secret,
    ...(token !== '' && { sessionToken: token }),
  }
  return {
    kind: 's3',
    bucket,
    prefix: folder === '' ? '' : `${folder}/`,
    region,
    endpoint,
    credentials: id === '' ? null : credentials,
  }
}

function problemsOf(url: URL, known: readonly string[]): string[] {
  const problems = [...url.searchParams.keys()]
    .filter((name) => !known.includes(name))
    .map((name) => `?${name}= means nothing here (${known.join(' and ')} do)`)
  // Addresses are shown and logged; keys are not to be in them.
  if (url.username !== '' || url.password !== '') problems.push('must not have a key in it')
  return problems
}

function isHttp(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '')
}
