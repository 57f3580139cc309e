/** Signing in, and the question before a command: native dialogs, which keep the keyboard inside and end by Escape. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionView } from '../view';
import { ask } from './store';

interface DialogProps {
  readonly title: string;
  readonly close: () => void;
  /** Returns once it is done. @throws {Error} whose sentence is shown */
  readonly send: (form: FormData) => Promise<void>;
  readonly confirm: string;
  readonly danger?: boolean;
  readonly children: ComponentChildren;
}

function Dialog({ title, close, send, confirm, danger = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [state, setState] = useState<{ readonly sending: boolean; readonly error: string }>({
    sending: false,
    error: '',
  });
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setState({ sending: true, error: '' });
    send(new FormData(event.currentTarget as HTMLFormElement)).then(close, (error: Error) =>
      setState({ sending: false, error: error.message }),
    );
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="dialog-title">
      <form onSubmit={submit}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        <p class="error" role="alert">
          {state.error}
        </p>
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={danger ? 'danger' : 'primary'} disabled={state.sending}>
            {state.sending ? 'Sending …' : confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

/** Leads to the issuer, and does not come back. */
async function toIssuer(path: string, body: object): Promise<boolean> {
  const { to } = (await ask(path, body)) as { to?: string };
  if (to !== undefined) location.assign(to);
  return to !== undefined;
}

export function SignIn({
  ways,
  close,
  done,
}: {
  readonly ways: SessionView['ways'];
  close: () => void;
  done: () => void;
}) {
  const [why, setWhy] = useState('');
  if (!ways.token) {
    const send = async () => void (await toIssuer('session/issuer', {}));
    return (
      <Dialog title="Sign in" close={close} send={send} confirm="Go to the sign-in page">
        <p>
          {ways.oidc
            ? 'Who you are is proven by your organisation.'
            : 'The settings name nobody: add people to “dashboard”.'}
        </p>
      </Dialog>
    );
  }
  const send = async (form: FormData) => {
    await ask('session', { token: textIn(form, 'token') });
    done();
  };
  return (
    <Dialog title="Sign in" close={close} send={send} confirm="Sign in">
      <label>
        Your token
        <input name="token" type="password" autocomplete="current-password" required autoFocus />
      </label>
      {ways.oidc ? (
        <button
          type="button"
          class="plain"
          onClick={() => void toIssuer('session/issuer', {}).catch((error: Error) => setWhy(error.message))}
        >
          Sign in with your organisation instead
        </button>
      ) : null}
      {why === '' ? null : (
        <p class="error" role="alert">
          {why}
        </p>
      )}
    </Dialog>
  );
}

export interface Commanded {
  readonly name: string;
  readonly zone: string;
  readonly application: string;
  readonly run: string;
  readonly image: string | null;
}

/** What each does, for who is about to do it. */
export const commands: Readonly<
  Record<string, { readonly label: string; readonly does: string; readonly danger?: boolean }>
> = {
  approve: { label: 'Approve', does: 'The deployment goes on.' },
  reject: { label: 'Reject', does: 'The deployment rolls back.', danger: true },
  pause: { label: 'Pause', does: 'The deployment stops before its next step.' },
  resume: { label: 'Resume', does: 'The deployment goes on.' },
  retry: { label: 'Retry', does: 'The step that holds is done once more.' },
  rollback: { label: 'Roll back', does: 'What served before gets all live traffic back.', danger: true },
  promote: { label: 'Promote', does: 'What remains of traffic steps and bake is skipped.' },
};

export function Confirm({
  commanded,
  close,
  done,
}: {
  readonly commanded: Commanded;
  close: () => void;
  done: (says: string) => void;
}) {
  const { name, zone, application, run, image } = commanded;
  const { label, does, danger = false } = commands[name] ?? { label: name, does: '' };
  const send = async (form: FormData) => {
    const reason = textIn(form, 'reason');
    if (await toIssuer('commands', { zone, application, run, name, ...(reason !== '' && { reason }) })) return;
    done(`${label}: accepted.`);
  };
  return (
    <Dialog title={`${label} ${application}`} close={close} send={send} confirm={label} danger={danger}>
      <p>
        {does} {image === null ? '' : <code>{image}</code>}
      </p>
      <label>
        Why, for the history
        <input name="reason" maxLength={1000} autocomplete="off" />
      </label>
    </Dialog>
  );
}
