import { choice, flag, list, number, object, optional, text } from './readers.ts'

const players = optional(number(2, 1000))

/**
 * Genres are not judged: apps that are no games have their category there, and clients send it back
 * (microsoft-store.md 2.10, 7-50).
 */
const readGaming = object({
  genres: list(text(100), 100),
  isLocalMultiplayer: flag(),
  isLocalCooperative: flag(),
  isOnlineMultiplayer: flag(),
  isOnlineCooperative: flag(),
  localMultiplayerMinPlayers: players,
  localMultiplayerMaxPlayers: players,
  localCooperativeMinPlayers: players,
  localCooperativeMaxPlayers: players,
  isBroadcastingPrivilegeGranted: flag(),
  isCrossPlayEnabled: flag(),
  kinectDataForExternal: choice(['NotSet', 'Unknown', 'Enabled', 'Disabled'], 'NotSet'),
})

/** None or one; null on drafts from before 2017 is none. */
export const readGamingOptions = list(readGaming, 1)
