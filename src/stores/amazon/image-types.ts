import { invalidInput } from './errors.ts'

export interface Image {
  readonly type: 'png' | 'jpg'
  readonly width: number
  readonly height: number
  readonly isTransparent: boolean
}

interface ImageType {
  /** How many there may be; a slot of one is replaced by every upload. */
  readonly most: number
  readonly types: readonly Image['type'][]
  readonly fits: (width: number, height: number) => boolean
  /** What fits, for the message. */
  readonly size: string
  readonly transparent: boolean
}

const exactly = (width: number, height: number) => ({
  fits: (w: number, h: number) => w === width && h === height,
  size: `${width} x ${height}`,
})

const both = ['png', 'jpg'] as const

/** The nine slots, with the requirements of the console (amazon-appstore.md 2.6). */
const imageTypes: { readonly [name: string]: ImageType } = {
  'small-icons': { most: 1, types: ['png'], ...exactly(114, 114), transparent: true },
  'large-icons': { most: 1, types: ['png'], ...exactly(512, 512), transparent: true },
  screenshots: {
    most: 10,
    types: both,
    fits: (width, height) => {
      const [short, long] = [Math.min(width, height), Math.max(width, height)]
      return short >= 480 && short <= 1600 && long >= 800 && long <= 2560
    },
    size: 'between 800 x 480 and 2560 x 1600',
    transparent: true,
  },
  'promo-images': { most: 1, types: both, ...exactly(1024, 500), transparent: true },
  'firetv-icons': { most: 1, types: ['png'], ...exactly(1280, 720), transparent: false },
  'firetv-screenshots': { most: 10, types: both, ...exactly(1920, 1080), transparent: false },
  'firetv-backgrounds': { most: 1, types: both, ...exactly(1920, 1080), transparent: false },
  'firetv-featured-backgrounds': { most: 1, types: both, ...exactly(1920, 720), transparent: false },
  'firetv-featured-logos': { most: 1, types: ['png'], ...exactly(640, 260), transparent: true },
}

/** @throws AmazonRefusal 400 for what is no image type */
export function imageTypeOf(name: string): ImageType {
  const type = Object.hasOwn(imageTypes, name) ? imageTypes[name] : undefined
  if (!type) throw invalidInput(`Invalid image type ${name}`)
  return type
}

export const imageTypeNames: readonly string[] = Object.keys(imageTypes)

/** @throws AmazonRefusal 400 for an image its slot has no use for */
export function requireFit(name: string, image: Image | undefined): void {
  const { types, fits, size, transparent } = imageTypeOf(name)
  const wanted = types.join(' or ').toUpperCase()
  if (!image) throw invalidInput(`The file is no image that could be read; ${name} must be ${wanted}`)
  if (!types.includes(image.type))
    throw invalidInput(`${name} must be ${wanted}, not ${image.type.toUpperCase()}`)
  if (!fits(image.width, image.height)) {
    throw invalidInput(`${name} must be ${size} pixels, not ${image.width} x ${image.height}`)
  }
  if (image.isTransparent && !transparent) throw invalidInput(`${name} must have no transparency`)
}
