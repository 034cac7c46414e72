/** How every command ends. Scripts rely on these numbers; they only ever get company. */
export const exitCodes = {
  ok: 0,
  /** The service answered with an error, or the command failed after it was understood. */
  refused: 1,
  /** Wrong arguments or settings, or a file that cannot be used: nothing was sent that counts. */
  usage: 2,
  /** No answer from the service; it may not run, or not at this address. */
  unreachable: 3,
  /** The job ended as failed or cancelled. */
  jobFailed: 4,
  /** A model says something else than it used to. */
  drifted: 5,
  /** Ctrl-C while watching (128 + SIGINT). The job goes on. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with another code than 0 although it has shown a result. */
export type SetExitCode = (code: ExitCode) => void;

/** The part of every --help that tells them. */
export const exitCodeHelp = `
Exit codes:
  ${exitCodes.ok}    done
  ${exitCodes.refused}    the service refused or failed
  ${exitCodes.usage}    wrong usage, or a file that cannot be used
  ${exitCodes.unreachable}    the service cannot be reached
  ${exitCodes.jobFailed}    the job failed or was cancelled
  ${exitCodes.drifted}    a model has drifted
  ${exitCodes.interrupted}  Ctrl-C while watching a job; the job goes on`;
