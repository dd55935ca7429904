from django.urls import path

from xinglin.booking.views import appointments, attendance, billing, calendar, schedules, visits

app_name = "booking"
urlpatterns = [
    path("appointments/", appointments.appointment_list, name="appointment-list"),
    path("appointments/new/", appointments.appointment_create, name="appointment-create"),
    path("appointments/<uuid:public_id>/", appointments.appointment_detail, name="appointment-detail"),
    path("appointments/<uuid:public_id>/panel/", appointments.appointment_panel, name="appointment-panel"),
    path("appointments/<uuid:public_id>/move/", attendance.move_create, name="move-create"),
    path(
        "appointments/<uuid:public_id>/cancellation/",
        attendance.cancellation_create,
        name="cancellation-create",
    ),
    path("appointments/<uuid:public_id>/check-in/", attendance.check_in_create, name="check-in-create"),
    path("appointments/<uuid:public_id>/no-show/", attendance.no_show_create, name="no-show-create"),
    path("appointments/<uuid:public_id>/visit/", visits.visit_create, name="visit-create"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("schedules/", schedules.schedule_list, name="schedule-list"),
    path("schedules/<uuid:staff>/", schedules.schedule_detail, name="schedule-detail"),
    path("schedules/<uuid:staff>/leave/", schedules.leave_create, name="leave-create"),
    path("schedules/lines/<uuid:public_id>/removal/", schedules.line_removal, name="line-removal"),
    path("schedules/leaves/<uuid:public_id>/removal/", schedules.leave_removal, name="leave-removal"),
    path("visits/", visits.visit_list, name="visit-list"),
    path("visits/new/", visits.walk_in_create, name="walk-in-create"),
    path("visits/<uuid:public_id>/", visits.visit_detail, name="visit-detail"),
    path("visits/<uuid:public_id>/end/", visits.visit_end, name="visit-end"),
    path("visits/<uuid:public_id>/invoice/", billing.visit_invoice_create, name="visit-invoice-create"),
    path("invoices/", billing.invoice_list, name="invoice-list"),
    path("invoices/new/", billing.invoice_create, name="invoice-create"),
    path("invoices/<uuid:public_id>/", billing.invoice_detail, name="invoice-detail"),
    path("invoices/<uuid:public_id>/refund/", billing.refund_create, name="refund-create"),
]
