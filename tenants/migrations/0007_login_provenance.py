"""How each login was proved, what a directory took away, and what the platform may clear away."""

from django.db import migrations, models

from tenants.ddl import PlatformAccess


class Migration(migrations.Migration):
    dependencies = [("tenants", "0006_people")]

    operations = [
        migrations.AddField(
            model_name="session", name="backend", field=models.CharField(default="password", max_length=32)
        ),
        migrations.AddField(
            model_name="loginchallenge",
            name="backend",
            field=models.CharField(default="password", max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="loginchallenge", name="must_change", field=models.BooleanField(default=False)
        ),
        migrations.AlterField(
            model_name="loginchallenge",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("second-factor", "Second Factor"),
                    ("enrolment", "Enrolment"),
                    ("password-change", "Password Change"),
                    ("registration", "Registration"),
                    ("proof", "Proof"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="loginconfiguration",
            name="links_by_username",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="externalidentity",
            name="backend",
            field=models.CharField(default="", max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="externalidentity", name="lost_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddIndex(
            model_name="session", index=models.Index(fields=["ends_at"], name="tenants_session_end")
        ),
        migrations.AddIndex(
            model_name="refreshtoken",
            index=models.Index(fields=["tenant", "parent"], name="tenants_refreshtoken_parent"),
        ),
        migrations.AddIndex(
            model_name="refreshtoken",
            index=models.Index(fields=["expires_at"], name="tenants_refreshtoken_expiry"),
        ),
        PlatformAccess("Session", "SELECT, DELETE"),
        PlatformAccess("RefreshToken", "SELECT, UPDATE, DELETE"),
        PlatformAccess("LoginChallenge", "SELECT, DELETE"),
        PlatformAccess("SsoRound", "SELECT, DELETE"),
        PlatformAccess("LoginGuard", "SELECT, DELETE"),
        PlatformAccess("Invitation", "SELECT, DELETE"),
        PlatformAccess("ExternalIdentity", "SELECT"),
    ]
