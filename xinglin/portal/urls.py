from django.urls import path

from xinglin.portal.views import (
    appointments,
    booking,
    health,
    items,
    pages,
    prices,
    sections,
    site_files,
    tracking,
    upkeep,
    words,
)

app_name = "portal"
H = "h/<slug:slug>/"
urlpatterns = [
    path("site/links/", upkeep.link_list, name="link-list"),
    path("site/links/check/", upkeep.check_create, name="check-create"),
    path("site/redirects/", upkeep.redirect_list, name="redirect-list"),
    path("site/redirects/<uuid:public_id>/deletion/", upkeep.redirect_delete, name="redirect-delete"),
    path("site/words/", words.word_list, name="word-list"),
    path("site/words/check/", words.word_check, name="word-check"),
    path("site/words/<uuid:public_id>/deletion/", words.word_delete, name="word-delete"),
    path("site/search/", upkeep.search_page, name="search"),
    path("site/search/push/", upkeep.push_create, name="push-create"),
    path(f"{H}indexnow-<slug:key>.txt", site_files.indexnow_key, name="indexnow-key"),
    path("robots.txt", site_files.robots, name="robots"),
    path(f"{H}sitemap.xml", site_files.sitemap, name="sitemap"),
    path(f"{H}sitemap-<int:number>.xml", site_files.sitemap_page, name="sitemap-page"),
    path(H, pages.home, name="home"),
    path(f"{H}departments/", pages.department_list, name="department-list"),
    path(f"{H}departments/<str:code>/", pages.department_detail, name="department-detail"),
    path(f"{H}doctors/", pages.doctor_list, name="doctor-list"),
    path(f"{H}doctors/<uuid:public_id>/", pages.doctor_detail, name="doctor-detail"),
    *(
        path(f"{H}{listing}/", items.item_list, {"listing": listing}, name=f"{listing}-list")
        for listing in items.LISTINGS
    ),
    path(f"{H}p/<slug:page_slug>/", items.page_detail, name="page-detail"),
    path(f"{H}privacy/", pages.privacy, name="privacy"),
    path(f"{H}cookies/", tracking.choice_create, name="choice-create"),
    path(f"{H}booking/<uuid:slot>/", booking.booking_create, name="booking-create"),
    path(f"{H}code/<str:token>/", booking.code_check, name="code-check"),
    path(f"{H}code/<str:token>/again/", booking.code_resend, name="code-resend"),
    path(f"{H}my/", appointments.mine, name="mine"),
    path(f"{H}my/decisions/", health.decision_list, name="decision-list"),
    path(f"{H}my/health/", health.questionnaire_list, name="questionnaire-list"),
    path(f"{H}my/health/<slug:name>/", health.questionnaire_fill, name="questionnaire-fill"),
    path(f"{H}a/<str:signed>/", appointments.appointment_detail, name="appointment-detail"),
    path(f"{H}a/<str:signed>/calendar.ics", appointments.calendar_file, name="calendar-file"),
    path(f"{H}a/<str:signed>/cancellation/", appointments.cancellation_create, name="cancellation-create"),
    path(f"{H}media/logo.png", items.logo, name="logo"),
    path(f"{H}media/<uuid:public_id>", items.picture, name="picture"),
    path(f"{H}info/prices/", prices.price_page, name="price-page"),
    path(f"{H}info/<slug:section>/", sections.section, name="section"),
    path("k/<str:code>", tracking.short_link, name="short-link"),
    path("r/<str:token>", tracking.link_open, name="link-open"),
    path("u/<str:token>", tracking.unsubscribe, name="unsubscribe"),
    path("o/<str:token>.gif", tracking.pixel, name="pixel"),
]
