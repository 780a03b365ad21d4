/** The zones of the flows page, as it spells them. */
const documented =
  'US_Alaska US_Arizona US_Central US_East US_Eastern US_Hawaii US_Mountain US_Pacific Canada_Eastern Canada_Newfoundland Canada_Saskatchewan Europe_Athens Europe_Belgrade Europe_Berlin Europe_Brussels Europe_Helsinki Europe_London Europe_Madrid Europe_Minsk Europe_Moscow Europe_Paris Europe_Rome Europe_Warsaw Atlantic_Azores Atlantic_Cape_Verde Atlantic_South_Georgia Africa_Algiers Africa_Cairo Africa_Casablanca Africa_Harare Africa_Nairobi Africa_Windhoek Asia_Amman Asia_Baghdad Asia_Baku Asia_Bangkok Asia_Beirut Asia_Calcutta Asia_Colombo Asia_Dhaka Asia_Irkutsk Asia_Jerusalem Asia_Kabul Asia_Karachi Asia_Katmandu Asia_Kolkata Asia_Krasnoyarsk Asia_Kuala_Lumpur Asia_Kuwait Asia_Magadan Asia_Muscat Asia_Novosibirsk Asia_Rangoon Asia_Seoul Asia_Shanghai Asia_Taipei Asia_Tbilisi Asia_Tehran Asia_Tokyo Asia_Vladivostok Asia_Yakutsk Asia_Yekaterinburg Asia_Yerevan Australia_Adelaide Australia_Brisbane Australia_Darwin Australia_Hobart Australia_Perth Australia_Sydney Pacific_Auckland Pacific_Fiji Pacific_Guam Pacific_Midway Pacific_Tongatapu America_Bogota America_Buenos_Aires America_Caracas America_Chihuahua America_Godthab America_Guatemala America_Los_Angeles America_Manaus America_Mexico_City America_Montevideo America_Santiago America_Tijuana Brazil_East'

const zones = new Map(
  documented.split(' ').map((zone) => {
    const name = zone.replace('_', '/')
    // The page lists both; only one of them is a name of the tz database.
    return [zone, name === 'US/East' ? 'US/Eastern' : name]
  }),
)

/** Every spelling of the flows page. */
export const zoneIds: readonly string[] = [...zones.keys()]

/** The tz database's name of a `zoneId`, with `_` or `/` behind its first part; undefined for what is no zone. */
export function readZone(zoneId: string): string | undefined {
  return zones.get(zoneId.replace('/', '_'))
}

/**
 * The moment at which clocks in a zone show a local time. Of two such moments the earlier one; a time that the
 * clocks skip counts from before the skip.
 * @param local the local time as if it were UTC, milliseconds since 1970
 */
export function momentOf(local: number, zone: string): number {
  const candidates = [local - day, local + day]
    .map((near) => local - offsetAt(near, zone))
    .sort((a, b) => a - b)
  const exact = candidates.find((moment) => moment + offsetAt(moment, zone) === local)
  return exact ?? candidates.at(-1) ?? local
}

const day = 24 * 60 * 60 * 1000

/** How far a zone's clocks are ahead of UTC, in milliseconds. */
function offsetAt(moment: number, zone: string): number {
  const parts = formatOf(zone).formatToParts(moment)
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((each) => each.type === type)?.value ?? 0)
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return shown - Math.floor(moment / 1000) * 1000
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, format)
  return format
}
