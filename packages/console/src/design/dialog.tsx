// Dialogs: one question or one form over the page. Escape and a click beside close them, focus returns where it was.

import { useState } from 'react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button, IconButton } from './button.tsx';
import { classNames } from './class-names.ts';
import styles from './dialog.module.css';

export interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Buttons, at the right of the foot. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
  /** While true it cannot be dismissed by a click beside it: something would be lost. */
  readonly sticky?: boolean;
}

export function Dialog({ title, isOpen, onClose, children, actions, wide = false, sticky = false }: DialogProps): ReactNode {
  return (
    <ModalOverlay
      className={classNames(styles.veil)}
      isOpen={isOpen}
      isDismissable={!sticky}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className={classNames(styles.modal, wide && styles.wide)}>
        <AriaDialog className={classNames(styles.dialog)}>
          <header className={styles.head}>
            <Heading slot="title" className={classNames(styles.title)}>
              {title}
            </Heading>
            <IconButton icon="close" label="Close" small onPress={onClose} />
          </header>
          <div className={styles.body}>{children}</div>
          {actions !== undefined && <footer className={styles.foot}>{actions}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface ConfirmProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** What will happen, said first. */
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly verb: string;
  readonly danger?: boolean;
  /** The dialog closes when it resolves; when it rejects, the reason is shown. */
  readonly onConfirm: () => Promise<unknown>;
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, isOpen, onClose, children, verb, danger = false, onConfirm }: ConfirmProps): ReactNode {
  const [state, setState] = useState<{ readonly busy: boolean; readonly error: string | null }>({ busy: false, error: null });
  async function confirm(): Promise<void> {
    setState({ busy: true, error: null });
    try {
      await onConfirm();
      setState({ busy: false, error: null });
      onClose();
    } catch (error) {
      setState({ busy: false, error: error instanceof Error ? error.message : String(error) });
    }
  }
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind={danger ? 'danger' : 'primary'} isPending={state.busy} onPress={() => void confirm()}>
            {verb}
          </Button>
        </>
      }
    >
      {children}
      {state.error !== null && (
        <p className={styles.error} role="alert">
          {state.error}
        </p>
      )}
    </Dialog>
  );
}
