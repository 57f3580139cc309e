/** Approvals as data: what a person says, how it was proven, and what counts. */

/** What an approval is given for; `countersign` is for a broken glass, afterwards. */
export type ApprovalMoment = 'beforeStart' | 'afterVerify' | 'countersign';

/** What a person signs. */
export interface Statement {
  readonly version: 1;
  readonly approval: ApprovalMoment;
  /** The workflow ID, e.g. `production/Orders`, and the run: another run asks anew. */
  readonly workflow: string;
  readonly run: string;
  /** SHA-256 of the plan, as the status tells it. */
  readonly plan: string;
  /** The image's digest; `null` where there is none, as in a removal. */
  readonly image: string | null;
  /** The name in the settings. */
  readonly approver: string;
  /** Until when a cut may begin with it, ISO 8601. */
  readonly expires: string;
  readonly reason?: string | undefined;
  /** One approval in place of all, at any time; wants a reason, and is to be countersigned. */
  readonly breakGlass?: true | undefined;
}

/** How a person proved who it is. */
export type Proof =
  | { readonly kind: 'key'; /** As `ssh-keygen -l` shows it. */ readonly fingerprint: string }
  | {
      readonly kind: 'token';
      readonly issuer: string;
      readonly subject: string;
      /** Whether the token was made for this one statement. */
      readonly bound: boolean;
    };

/** An approval that counts; its plan and its image are its run's. */
export interface CountedApproval {
  readonly approver: string;
  readonly proof: Proof;
  /** When it came, ISO 8601. */
  readonly at: string;
  readonly expires: string;
  readonly reason?: string | undefined;
  readonly breakGlass?: true | undefined;
}

/** A statement with what became of its signature: whom it proves, or why it proves nobody. */
export type Examined =
  | { readonly at: string; readonly statement: Statement; readonly person: string; readonly proof: Proof }
  | { readonly at: string; readonly why: string };
