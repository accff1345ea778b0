package discordsim

import (
	"fmt"
	"net/http"
)

// Discord's JSON error codes that the simulator answers with.
const (
	CodeGeneral             = 0
	CodeUnknownChannel      = 10003
	CodeUnknownGuild        = 10004
	CodeUnknownMember       = 10007
	CodeUnknownMessage      = 10008
	CodeUnknownRole         = 10011
	CodeUnknownUser         = 10013
	CodeUnknownWebhook      = 10015
	CodeUnknownInteraction  = 10062
	CodeUnknownCommand      = 10063
	CodeNotYourApplication  = 20012
	CodeMaxCommands         = 30032
	CodeMaxCommandCreates   = 30034
	CodeMaxOldEdits         = 30046
	CodeTooLarge            = 40005
	CodeAlreadyAcknowledged = 40060
	CodeMaxFollowUps        = 40094
	CodeMissingAccess       = 50001
	CodeNotAuthor           = 50005
	CodeEmptyMessage        = 50006
	CodeCannotMessageUser   = 50007
	CodeNotTextChannel      = 50008
	CodeMissingPermissions  = 50013
	CodeInvalidWebhookToken = 50027
	CodeInvalidRole         = 50028
	CodeInvalidFormBody     = 50035
	CodeInvalidJSON         = 50109
)

// apiError is a refusal as Discord words it.
type apiError struct {
	status  int
	code    int
	message string
	errors  *errorTree // CodeInvalidFormBody only
	// repeated: the request was carried out before, and the bot may not know.
	repeated bool
}

func (e *apiError) Error() string {
	if e.errors != nil {
		return fmt.Sprintf("HTTP %d, code %d: %s (%s)", e.status, e.code, e.message, e.errors)
	}
	return fmt.Sprintf("HTTP %d, code %d: %s", e.status, e.code, e.message)
}

// body is the refusal as JSON.
func (e *apiError) body() any {
	return struct {
		Message string     `json:"message"`
		Code    int        `json:"code"`
		Errors  *errorTree `json:"errors,omitempty"`
	}{e.message, e.code, e.errors}
}

// worldly reports whether the refusal depends on the state of the world,
// which a bot cannot always know before it asks: a member who left, a
// channel it may not see, an answer that arrived although nothing came back.
// Such refusals are no violations.
func (e *apiError) worldly() bool {
	if e.repeated {
		return true
	}
	switch e.code {
	case CodeUnknownChannel, CodeUnknownGuild, CodeUnknownMember, CodeUnknownMessage, CodeUnknownRole,
		CodeUnknownUser, CodeMissingAccess, CodeMissingPermissions, CodeCannotMessageUser, CodeUnknownCommand:
		return true
	}
	return false
}

func refuse(status, code int, message string) *apiError {
	return &apiError{status: status, code: code, message: message}
}

func notFound(code int, what string) *apiError {
	return refuse(http.StatusNotFound, code, "Unknown "+what)
}

func missingAccess() *apiError {
	return refuse(http.StatusForbidden, CodeMissingAccess, "Missing Access")
}

func missingPermissions() *apiError {
	return refuse(http.StatusForbidden, CodeMissingPermissions, "Missing Permissions")
}

func tooLarge() *apiError {
	return refuse(http.StatusRequestEntityTooLarge, CodeTooLarge, "Request entity too large")
}
