// Generated from the event catalogue of the profile humanconnection: do not edit. See test/generate-events.ts.

/** service.matched: A human has been matched to your request */
export interface ServiceMatchedData {
  readonly request_id: string;
  readonly human_id: string;
}

/** service.expired: A request expired without a match */
export interface ServiceExpiredData {
  readonly request_id: string;
}

/** meeting.scheduled: A meeting has been booked */
export interface MeetingScheduledData {
  readonly meeting_id: string;
  readonly request_id: string;
  readonly human_id: string;
  readonly scheduled_at: string;
}

/** meeting.completed: A meeting was completed */
export interface MeetingCompletedData {
  readonly meeting_id: string;
  readonly request_id: string;
  readonly human_id: string;
  readonly status?: string;
  readonly completed_at?: string;
}

/** meeting.cancelled: A meeting was cancelled */
export interface MeetingCancelledData {
  readonly meeting_id: string;
  readonly reason: string | null;
}

/** meeting.no_show: The lead or human did not show up */
export interface MeetingNoShowData {
  readonly meeting_id: string;
  readonly no_show_party: string;
}

/** report.submitted: A post-meeting report is ready */
export interface ReportSubmittedData {
  readonly meeting_id: string;
  readonly outcome: string | {
    readonly [member: string]: unknown;
  };
}

/** payment.paid: A reward payment was processed */
export interface PaymentPaidData {
  readonly reward_id: string;
  readonly meeting_id: string;
  readonly amount: number | string | {
    readonly [member: string]: unknown;
  };
}

/** payment.failed: A reward payment failed */
export interface PaymentFailedData {
  readonly reward_id: string;
  readonly meeting_id: string;
  readonly error: string | {
    readonly [member: string]: unknown;
  };
}

/** The events of humanconnection: type to data. */
export interface HumanconnectionEvents {
  readonly 'service.matched': ServiceMatchedData;
  readonly 'service.expired': ServiceExpiredData;
  readonly 'meeting.scheduled': MeetingScheduledData;
  readonly 'meeting.completed': MeetingCompletedData;
  readonly 'meeting.cancelled': MeetingCancelledData;
  readonly 'meeting.no_show': MeetingNoShowData;
  readonly 'report.submitted': ReportSubmittedData;
  readonly 'payment.paid': PaymentPaidData;
  readonly 'payment.failed': PaymentFailedData;
}
