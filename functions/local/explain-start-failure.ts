import { SwitchyardError } from '#core/switchyard-error.ts';

/** Why a server did not start, and what its owner can do about it. */
export interface StartFailure {
  readonly code:
    | 'address_in_use'
    | 'port_refused'
    | 'data_folder_unusable'
    | 'invalid_setting'
    | 'model_invalid';
  readonly detail: string;
  readonly remedy: string;
}

const portRemedy =
  'Set PORT (or --port of "switchyard serve") to another one; 0 takes any that is free.';
const folderRemedy =
  'Set SWITCHYARD_DATA (or --data of "switchyard serve") to a folder that can be written to.';

/** What the system refuses about a folder: rights, a file in the way, no room. */
const folderCodes = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC', 'EDQUOT']);

/** Undefined where the failure is none of the settings'. */
export function explainStartFailure(error: unknown): StartFailure | undefined {
  if (error instanceof SwitchyardError) return explainSetting(error);
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const code = String(error.code);
  const call = 'syscall' in error ? error.syscall : undefined;
  if (call === 'listen')
    return explainPort(code, 'port' in error ? String(error.port) : 'asked for');
  if (call !== 'mkdir' && !folderCodes.has(code)) return undefined;
  const detail = `the data folder cannot be used (${error.message})`;
  return { code: 'data_folder_unusable', detail, remedy: folderRemedy };
}

function explainPort(code: string, port: string): StartFailure | undefined {
  if (code === 'EADDRINUSE') {
    return { code: 'address_in_use', detail: `port ${port} is in use`, remedy: portRemedy };
  }
  const detail = `port ${port} is not given to this user`;
  return code === 'EACCES' ? { code: 'port_refused', detail, remedy: portRemedy } : undefined;
}

const settingRemedy = 'The README lists every setting of "npm start" with its default.';

function explainSetting({ code, detail }: SwitchyardError): StartFailure | undefined {
  const isSetting = code === 'invalid_setting' || code === 'model_invalid';
  return isSetting ? { code, detail, remedy: settingRemedy } : undefined;
}
