/** A bearer token of the sandbox's client, for the Microsoft Store and the Hardware API alike. */
export async function devCenterToken(url: string): Promise<string> {
  const response = await fetch(`${url}/11111111-1111-1111-1111-111111111111/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: '22222222-2222-2222-2222-222222222222',
      client_secret: 'sandbox-secret',
      resource: 'https://manage.devcenter.microsoft.com',
    }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}
